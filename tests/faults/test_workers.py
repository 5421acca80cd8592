"""Workers that are killed, that are two, that have two clocks (T64, T65): each effect comes about once."""

import threading
import time

import pytest

from tests.faults.aftermath import FAILED, check_mails, check_money, settle
from tests.figures import ROUNDS
from tests.journey import Journey

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("faults")]


def paid_at_the_page(people, number):
    """Cases whose payer has just approved; nobody has told us yet."""
    cases = [Journey(people).offer().agree() for _number in range(number)]
    for case in cases:
        case.decide(case.begin_payment(amount=case.booking["balance"]), delivery="twice")
    return cases


def test_workers_killed_in_the_middle_lose_nothing(platform, people, mailbox):
    cases = paid_at_the_page(people, ROUNDS)
    for number in range(ROUNDS):
        wait = time.monotonic() + 10
        while len(mailbox.mails) < 3 * number and time.monotonic() < wait:
            time.sleep(0.02)
        platform.kill(platform.worker)
        platform.worker = platform.start_worker(f"worker{number}")
    settle(platform)
    check_money(platform, *cases)
    check_mails(platform, mailbox, repeated=ROUNDS)


def test_two_workers_and_two_clocks_do_everything_once(platform, people, mailbox):
    others = [platform.start_worker("second"), platform.start_beat("second-beat")]
    try:
        cases = side_by_side(people, 4)
        settle(platform)
        time.sleep(3)  # both clocks tick once more
        settle(platform)
    finally:
        for other in others:
            platform.kill(other)
    check_money(platform, *cases)
    check_mails(platform, mailbox)
    assert platform.sql(FAILED) == []


def side_by_side(people, number):
    """So many bookings at the same moment, each by devices of its own."""
    cases = []

    def walk():
        case = Journey({name: person.again() for name, person in people.items()})
        cases.append(case.offer().agree().pay_all())

    threads = [threading.Thread(target=walk) for _number in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(cases) == number
    return cases
