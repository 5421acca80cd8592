"""The web server is killed in the middle of a request: a retry with the same key finds what the first try made."""

import contextlib
import threading
import time
import uuid

import pytest
import requests

from tests.faults.aftermath import check_mails, settle
from tests.figures import ROUNDS
from tests.journey import Journey

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("faults")]

BOOKINGS, PAYMENTS = "SELECT count(*) FROM bookings", "SELECT count(*) FROM payments WHERE booking_id = %s"


def test_a_retry_after_a_crash_makes_nothing_twice(platform, people, mailbox):
    case = Journey(people)
    wish, before = case.wish(), platform.value(BOOKINGS)
    for number in range(ROUNDS):
        booking = again_after_a_crash(platform, case.patient, "/bookings", wish, seconds=0.02 * number)
        assert platform.value(BOOKINGS) == before + number + 1
        assert booking["status"] == "requested"
    owing = Journey(people).offer().agree()
    wish = {"booking_id": owing.id, "payment_gateway": "sandbox"}
    payment = again_after_a_crash(platform, owing.patient, "/payments", wish, seconds=0.03)
    assert platform.value(PAYMENTS, owing.id) == 1
    owing.decide(payment)
    settle(platform)
    assert owing.booking["amount_paid"] == "3000.00"
    check_mails(platform, mailbox)


def again_after_a_crash(platform, person, path, body, *, seconds):
    """POST, kill the server so many seconds later, start it again, and POST the same under the same key."""
    key = {"Idempotency-Key": str(uuid.uuid4())}

    def first():
        with contextlib.suppress(requests.RequestException, AssertionError):
            person.again().post(path, body, headers=key)

    thread = threading.Thread(target=first)
    thread.start()
    time.sleep(seconds)
    platform.kill(platform.web)
    thread.join(30)
    platform.web = platform.start_web()
    return person.again().post(path, body, headers=key)
