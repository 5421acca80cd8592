"""What a payer can do on the gateway's page, and every way in which the news of it travels, against a real worker."""

import hashlib
import hmac
import json
import time

import pytest

from tests.journey import Journey
from tests.processes import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("e2e")]

APPLIED = "SELECT count(*) FROM gateway_events WHERE payment_id = %s AND outcome = 'applied'"
DELIVERED = """SELECT count(*) FROM sandbox_deliveries d JOIN sandbox_checkouts c ON c.id = d.checkout_id
               WHERE c.merchant_id = %s AND d.delivered_at IS NOT NULL"""
HURRY = "UPDATE sandbox_deliveries SET due_at = now() WHERE due_at > now()"
DELIVERIES = {"once": 1, "twice": 2, "late": 1, "never": 0}


@pytest.fixture
def case(people):
    """A booking that owes 10,000.00, 3,000.00 of it before travel."""
    return Journey(people).offer().agree()


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_an_approved_payment_is_booked_once(platform, case, delivery):
    payment = case.begin_payment()
    page = case.people["nobody"].get(payment["checkout_url"]).decode()
    assert "3,000.00" in page
    case.decide(payment, "approve", delivery)
    settle(platform, case, payment, delivery)
    wait_until(lambda: case.payment(payment)["status"] == "completed", 20)
    assert platform.value(APPLIED, payment["id"]) == (0 if delivery == "never" else 1)
    booking = case.booking
    assert (booking["amount_paid"], booking["payment_status"]) == ("3000.00", "partially_paid")
    assert [milestone["state"] for milestone in booking["milestones"]] == ["met", "due"]
    # On the page nothing can be undone.
    case.decide(payment, "decline", "once")
    assert case.patient.get(f"/payments/{payment['id']}/status")["status"] == "completed"
    assert case.booking["amount_paid"] == "3000.00"


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_a_declined_payment_leaves_everything_owed(platform, case, delivery):
    payment = case.begin_payment()
    case.decide(payment, "decline", delivery)
    settle(platform, case, payment, delivery)
    wait_until(lambda: case.payment(payment)["status"] == "failed", 20)
    booking = case.booking
    assert (booking["status"], booking["amount_paid"], booking["amount_due"]) == ("payment_pending", "0.00", "3000.00")
    assert case.begin_payment()["id"] != payment["id"], "another attempt"


def test_an_abandoned_payment_stays_open(platform, case):
    payment = case.begin_payment()
    for delivery in DELIVERIES:
        case.decide(payment, "abandon", delivery)
    assert case.patient.get(f"/payments/{payment['id']}/status")["status"] == "pending"
    assert platform.value(DELIVERED, payment["id"]) == 0
    assert case.begin_payment(expect=200)["id"] == payment["id"]
    other = case.begin_payment(amount="10000.00")
    assert other["id"] != payment["id"], "another amount withdraws the first attempt at the gateway"
    assert case.payment(payment)["status"] == "cancelled"
    case.decide(payment, "approve")
    assert case.patient.get(f"/payments/{payment['id']}/status")["status"] == "cancelled"


def test_money_for_a_cancelled_booking_is_held_and_told(platform, case):
    payment = case.begin_payment()
    case.decide(payment, "approve", "late")
    case.patient.delete(case.path)
    platform.sql(HURRY)
    wait_until(lambda: case.payment(payment)["status"] == "completed", 20)
    booking = case.booking
    assert (booking["status"], booking["balance"], booking["waiting_on"]) == ("cancelled", "-3000.00", "coordinator")
    told = "SELECT count(*) FROM notifications WHERE type = 'money_for_cancelled_booking' AND reference_id = %s"
    assert platform.value(told, case.id) > 0


def test_forged_and_contradictory_news_change_nothing(platform, case):
    payment = case.begin_payment()
    reference = platform.value("SELECT gateway_transaction_id FROM payments WHERE id = %s", payment["id"])
    data = {"id": reference, "status": "captured", "amount": "3000.00", "currency": payment["currency"]}
    event = {"id": "evt_wrong", "type": "payment.captured", "created": "2026-01-01T00:00:00Z", "data": data}
    post(platform, event, secret="f" * 64, expect=400)
    post(platform, event, age=3600, expect=400)
    post(platform, event | {"data": data | {"amount": "1.00"}})
    assert case.payment(payment)["status"] == "pending"
    assert platform.value("SELECT mismatch <> '' FROM payments WHERE id = %s", payment["id"])
    post(platform, event | {"id": "evt_right"})
    assert case.payment(payment)["status"] == "completed"
    post(platform, event | {"id": "evt_late", "type": "payment.failed", "data": data | {"status": "failed"}})
    assert case.payment(payment)["status"] == "completed"
    assert case.booking["amount_paid"] == "3000.00"


def settle(platform, case, payment, delivery):
    """Let the webhooks arrive: the late one at once, and where none comes ask the gateway."""
    if delivery == "never":
        assert case.payment(payment)["status"] == "pending"
        case.patient.get(f"/payments/{payment['id']}/status")
    if delivery == "late":
        time.sleep(1)
        assert case.payment(payment)["status"] == "pending"
        platform.sql(HURRY)
    wait_until(lambda: platform.value(DELIVERED, payment["id"]) == DELIVERIES[delivery], 20)


def post(platform, event, *, secret=None, age=0, expect=200):
    """Post a webhook, signed as the sandbox does unless `secret` says otherwise."""
    body, stamp = json.dumps(event).encode(), str(int(time.time()) - age)
    key = (secret or platform.environment["SANDBOX_WEBHOOK_SECRET"]).encode()
    digest = hmac.new(key, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "Sandbox-Signature": f"t={stamp},v1={digest}"}
    platform.person().ask("POST", "/payments/webhook", data=body, headers=headers, expect=expect)
