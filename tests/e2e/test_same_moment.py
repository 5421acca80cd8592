"""The same thing at the same moment, by HTTP from several devices: one of them does it, the others hear so."""

import threading
import uuid
from collections import Counter

import pytest
import requests

from tests.figures import CONTENDERS
from tests.journey import Journey

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("e2e")]


def together(person, method, path, body=None, **headers):
    """Send the same request from so many devices at once; return the answers."""
    start, answers = threading.Barrier(CONTENDERS, timeout=30), []
    address = f"{person.url}/api/v1{path}"

    def send(headers):
        start.wait()
        answers.append(requests.request(method, address, json=body, headers=headers, timeout=30))

    threads = [
        threading.Thread(target=send, args=({**person.session.headers, **headers},)) for _number in range(CONTENDERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == CONTENDERS
    return answers


def statuses(answers):
    return Counter(answer.status_code for answer in answers)


def test_one_of_all_moves_a_case(people):
    case = Journey(people).request()
    seen = {"status": "under_review", "expected_status": "requested"}
    answers = together(case.coordinator, "PATCH", f"{case.path}/status", seen)
    assert statuses(answers) == {200: 1, 409: CONTENDERS - 1}
    assert {answer.json()["code"] for answer in answers if not answer.ok} == {"stale_status"}
    assert case.moves() == ["requested", "under_review"]


def test_one_acceptance_and_one_payment(platform, people):
    case = Journey(people).offer()
    accepted = together(case.patient, "POST", f"{case.path}/quotation/accept", {"version": 1})
    assert statuses(accepted) == {200: CONTENDERS}
    wish = {"booking_id": case.id, "payment_gateway": "sandbox"}
    begun = together(case.patient, "POST", "/payments", wish)
    assert statuses(begun) == {201: 1, 200: CONTENDERS - 1}
    (payment,) = {answer.json()["data"]["id"] for answer in begun}
    case.decide(case.payment({"id": payment}), delivery="twice")
    asked = together(case.patient, "GET", f"/payments/{payment}/status")
    assert statuses(asked) == {200: CONTENDERS}
    assert case.booking["amount_paid"] == "3000.00"
    assert case.moves().count("confirmed") == 1
    for table in ("payments", "quotation_acceptances"):
        assert platform.value(ROWS_OF[table], case.id) == 1


ROWS_OF = {
    "payments": "SELECT count(*) FROM payments WHERE booking_id = %s",
    "quotation_acceptances": "SELECT count(*) FROM quotation_acceptances a JOIN quotations q ON q.id = a.quotation_id "
    "WHERE q.booking_id = %s",
}


def test_one_key_makes_one_booking(platform, people):
    case = Journey(people)
    before = platform.value("SELECT count(*) FROM bookings")
    answers = together(case.patient, "POST", "/bookings", case.wish(), **{"Idempotency-Key": str(uuid.uuid4())})
    assert set(statuses(answers)) <= {201, 409}
    assert {answer.json()["code"] for answer in answers if not answer.ok} <= {"idempotency_in_progress"}
    assert platform.value("SELECT count(*) FROM bookings") == before + 1


def test_a_booking_is_cancelled_and_refunded_once(platform, people):
    case = Journey(people).offer().agree().pay_all()
    terms = case.patient.get(f"{case.path}/cancellation-preview")
    answers = together(case.patient, "DELETE", f"{case.path}?expected_refund={terms['refund']}")
    assert set(statuses(answers)) <= {200, 409}
    case.wait_for("cancelled")
    assert platform.value("SELECT count(*) FROM refunds WHERE booking_id = %s", case.id) == 1
    assert case.moves().count("cancelled") == 1
