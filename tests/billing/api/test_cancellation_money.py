"""The money side of cancelling a booking over REST: the preview, the DELETE, and what is answered."""

from datetime import timedelta

import pytest

from apps.billing.models import Refund
from medivoy.core import clock
from tests.factories.billing import pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(booking):
    pay(booking, "1000.00")
    return booking


@pytest.fixture
def client(api, paid):
    return api.as_(paid.patient.user)


def twenty_days_before(booking):
    day = booking.confirmed_date - timedelta(days=20)
    return clock.at(clock.start_of_day(day, booking.hospital.timezone))


def test_the_preview_says_it_rule_by_rule(client, paid):
    with twenty_days_before(paid):
        answer = client.get(f"/bookings/{paid.pk}/cancellation-preview?party=patient&reason=visa_refused")
    data = answer.json()["data"]
    assert (data["paid"], data["kept"], data["refund"], data["refund_with_proof"]) == (
        "1000.00",
        "500.00",
        "500.00",
        "1000.00",
    )
    assert [rule["applies"] for rule in data["rules"]] == [False, True, False]
    assert [share["amount"] for share in data["by_payment"]] == ["500.00"]
    assert not Refund.objects.exists()


def test_what_was_seen_must_still_hold(client, paid):
    with twenty_days_before(paid):
        answer = client.delete(f"/bookings/{paid.pk}?expected_refund=1000.00")
        assert (answer.status_code, answer.json()["code"]) == (409, "refund_changed")
        assert answer.json()["details"] == {"refund": "500.00", "currency": "USD"}
        answer = client.delete(f"/bookings/{paid.pk}?expected_refund=500.00")
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert (data["refund"], data["kept"], data["refunds"][0]["status"]) == ("500.00", "500.00", "approved")


def test_the_same_by_the_status(client, paid):
    body = {"status": "cancelled", "expected_refund": "999.00"}
    answer = client.patch(f"/bookings/{paid.pk}/status", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "refund_changed")
    assert client.patch(f"/bookings/{paid.pk}/status", body | {"expected_refund": 1000}).status_code == 200


@pytest.mark.parametrize("query", ["party=hospital", "party=platform", "reason=bored", "expected_refund=x"])
def test_anothers_party_and_what_is_no_reason_are_refused(client, paid, query):
    assert client.delete(f"/bookings/{paid.pk}?{query}").status_code == 400
    assert not Refund.objects.exists()
