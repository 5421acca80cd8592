"""Redis dies in the middle of a booking (T59, T63): nobody waits for it, nothing is lost, nothing comes twice."""

import signal
import time

import pytest

from tests.faults.aftermath import WAITING, check_mails, check_money, check_trail, settle
from tests.figures import SOAK
from tests.journey import Journey
from tests.live import Person
from tests.processes import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("faults")]


def test_a_booking_goes_its_way_without_the_broker(platform, people, mailbox):
    case = Journey(people).offer()
    usual = max(case.coordinator.seconds + case.patient.seconds[1:])
    devices = {name: person.again() for name, person in people.items()}
    platform.redis.process.kill()
    platform.redis.process.wait()
    try:
        blind = continue_without_redis(case, devices)
        newcomer = Person(platform.url, "patient2")
        assert newcomer.get("/bookings") is not None, "limits and sign-in have the database to fall back on"
        assert devices["admin"].get("/health/redis", expect=503)["code"] == "unavailable"
        slowest = max(seconds for device in devices.values() for seconds in device.seconds)
        assert slowest < 1 + usual
        assert platform.value(WAITING) > 0
        time.sleep(30 if SOAK else 1)
    finally:
        platform.redis.spawn()
    wait_until(platform.redis.answers, 10)
    settle(platform)
    assert blind.booking["status"] == "in_treatment"
    check_money(platform, blind)
    check_mails(platform, mailbox)
    check_trail(platform, mailbox.since)


def continue_without_redis(case, devices):
    """From the acceptance to the treatment; the payer comes back from the gateway's page, which asks for the state."""
    case.people, case.patient, case.coordinator = devices, devices["patient"], devices["coordinator"]
    case.hospital = devices["hospital"]
    case.agree()
    payment = case.begin_payment(amount=case.booking["balance"])
    case.decide(payment, delivery="twice")
    assert case.patient.get(f"/payments/{payment['id']}/status")["status"] == "completed"
    assert case.booking["status"] == "invoice_sent"
    case.move("travel_arrangement")
    case.move("in_treatment", by=case.hospital)
    return case


def test_a_broker_that_hangs_is_not_waited_for(platform, people, mailbox):
    """It takes connections and says nothing: worse than one that is gone."""
    case = Journey(people)
    case.wish()
    usual = max(case.patient.seconds)
    platform.redis.process.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        case.patient.seconds.clear()
        case.request()
        assert max(case.patient.seconds) < 1.5 + usual
        assert time.monotonic() - began < 10
    finally:
        platform.redis.process.send_signal(signal.SIGCONT)
    settle(platform)
    check_mails(platform, mailbox)
