"""DELETE /bookings/:id and the preview before it. What the refund is, is tested with billing."""

import pytest

from apps.billing.models import Refund
from apps.bookings.models import Booking
from apps.bookings.states import BookingStatus as S
from tests.factories.bookings import booking_in, requested

pytestmark = pytest.mark.django_db

OTHERS_PARTY = {"party": "hospital", "reason": "price"}


def test_a_patient_sees_it_first_then_cancels(api, coordinator):
    booking = booking_in(S.INVOICE_SENT)
    client, path = api.as_(booking.patient.user), f"/bookings/{booking.pk}"
    terms = client.get(f"{path}/cancellation-preview").json()["data"]
    assert (terms["party"], terms["reason"]) == ("patient", "changed_mind")
    assert (terms["kept"], terms["refund"], terms["currency"]) == ("0.00", "1000.00", "INR")
    assert [rule["applies"] for rule in terms["rules"]] == [True, False, False]
    assert terms["by_payment"][0]["amount"] == "1000.00"
    answer = client.delete(path, {"expected_refund": terms["refund"]})
    assert answer.status_code == 200, answer.json()
    data = answer.json()["data"]
    assert (data["booking"]["status"], data["kept"], data["refund"]) == ("cancelled", "0.00", "1000.00")
    assert [refund["amount"] for refund in data["refunds"]] == ["1000.00"]
    assert data["booking"]["cancel_reason"] == "changed_mind"


def test_grounds_come_as_query_or_as_json(api, coordinator):
    for said, body in (({"reason": "price"}, None), ({}, {"reason": "price"})):
        booking = requested()
        query = "&".join(f"{name}={value}" for name, value in said.items())
        answer = api.as_(booking.patient.user).delete(f"/bookings/{booking.pk}?{query}", body)
        assert answer.status_code == 200
        assert Booking.objects.get(pk=booking.pk).cancel_reason == "price"


def test_a_refund_that_no_longer_holds(api, coordinator):
    booking = booking_in(S.INVOICE_SENT)
    answer = api.as_(booking.patient.user).delete(f"/bookings/{booking.pk}", {"expected_refund": "999.00"})
    assert (answer.status_code, answer.json()["code"]) == (409, "refund_changed")
    assert Booking.objects.get().status == S.INVOICE_SENT
    assert not Refund.objects.exists()


def test_everyone_cancels_on_their_own_side(api, coordinator, admin):
    booking = booking_in(S.ACCEPTED)
    path = f"/bookings/{booking.pk}"
    patient, hospital = api.as_(booking.patient.user), api.as_(booking.hospital.admin_user)
    for client, said, field in (
        (patient, OTHERS_PARTY, "party"),
        (hospital, {"party": "patient", "reason": "price"}, "party"),
        (hospital, {}, "reason"),
        (api.as_(coordinator), {"reason": "price"}, "party"),
        (api.as_(admin), {"party": "patient"}, "reason"),
        (patient, {"reason": "weather"}, "reason"),
        (patient, {"expected_refund": "-1"}, "expected_refund"),
    ):
        for answer in (client.delete(path, said), client.get(f"{path}/cancellation-preview", said)):
            if field == "expected_refund" and answer.request["REQUEST_METHOD"] == "GET":
                continue
            assert answer.status_code == 400, said
            assert field in answer.json()["errors"]
    assert hospital.delete(path, {"reason": "hospital_unavailable"}).status_code == 200
    booking.refresh_from_db()
    assert (booking.status, booking.cancel_party) == (S.CANCELLED, "hospital")


@pytest.mark.parametrize("status", [S.REJECTED, S.COMPLETED, S.FEEDBACK_RECEIVED])
def test_what_has_ended_is_not_cancelled(status, api, coordinator):
    booking = booking_in(status)
    client, path = api.as_(booking.patient.user), f"/bookings/{booking.pk}"
    for answer in (client.delete(path), client.get(f"{path}/cancellation-preview")):
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")


def test_a_patient_in_treatment_asks_their_coordinator(api, coordinator):
    booking = booking_in(S.IN_TREATMENT)
    path = f"/bookings/{booking.pk}"
    refusal = api.as_(booking.patient.user).delete(path)
    assert (refusal.status_code, refusal.json()["code"]) == (409, "illegal_transition")
    assert api.as_(coordinator).delete(path, {"party": "patient", "reason": "other"}).status_code == 200


def test_who_else_cancels_nothing(api, coordinator):
    booking = requested()
    assert api.delete(f"/bookings/{booking.pk}").status_code == 401
    assert Booking.objects.get().status == S.REQUESTED


def test_a_stale_if_match_cancels_nothing(api, coordinator):
    booking = requested()
    answer = api.as_(booking.patient.user).delete(f"/bookings/{booking.pk}", HTTP_IF_MATCH='"0.x"')
    assert answer.status_code == 412
    assert Booking.objects.get().status == S.REQUESTED
