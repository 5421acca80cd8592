"""PATCH /bookings/:id/status: the order of refusals, the same state again, what is told and by whom."""

import pytest

from apps.bookings.models import Booking, BookingEvent
from apps.bookings.states import BookingStatus as S
from medivoy.core import clock
from tests.factories.bookings import booking_in, draft, requested, step

pytestmark = pytest.mark.django_db


def move(client, booking, status, **said):
    return client.patch(f"/bookings/{booking.pk}/status", {"status": status, **said})


def outcome(answer):
    return answer.status_code, answer.json().get("code")


def test_what_was_seen_and_is_no_longer_true_comes_before_all_else(api, coordinator):
    booking = booking_in(S.UNDER_REVIEW)
    client = api.as_(coordinator)
    for status in (S.UNDER_REVIEW, S.ACCEPTED, S.REJECTED, S.COMPLETED, S.PAYMENT_PENDING):
        answer = move(client, booking, status, expected_status="requested")
        assert outcome(answer) == (409, "stale_status")
        assert answer.json()["details"] == {"current": "under_review"}
    assert move(client, booking, S.ACCEPTED, expected_status="under_review").status_code == 200


def test_a_stale_if_match_is_a_412(api, coordinator):
    booking = requested()
    client, path = api.as_(coordinator), f"/bookings/{booking.pk}/status"
    tag = client.get(f"/bookings/{booking.pk}").headers["ETag"]
    assert client.patch(path, {"status": "under_review"}, HTTP_IF_MATCH=tag).status_code == 200
    again = client.patch(path, {"status": "under_review"}, HTTP_IF_MATCH=tag)
    assert outcome(again) == (412, "version_mismatch")


def test_the_present_state_again_writes_nothing(api, coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    before = Booking.objects.values().get(pk=booking.pk), BookingEvent.objects.count()
    assert move(api.as_(coordinator), booking, S.QUOTATION_SENT).status_code == 200
    assert (Booking.objects.values().get(pk=booking.pk), BookingEvent.objects.count()) == before


def test_a_newer_draft_is_something_new(api, coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    draft(booking)
    data = move(api.as_(coordinator), booking, S.QUOTATION_SENT).json()["data"]
    assert data["quotation_details"]["version"] == 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "status"),
        ({"status": "lost"}, "status"),
        ({"status": None}, "status"),
        ({"status": ["accepted"]}, "status"),
        ({"status": "accepted", "expected_status": "x"}, "expected_status"),
        ({"status": "rejected"}, "reason"),
        ({"status": "rejected", "reason": ""}, "reason"),
        ({"status": "rejected", "reason": 5}, "reason"),
        ({"status": "on_hold", "reason": "visa"}, "review_on"),
        ({"status": "on_hold", "reason": "visa", "review_on": "soon"}, "review_on"),
        ({"status": "awaiting_medical_details"}, "wanted"),
        ({"status": "awaiting_medical_details", "wanted": "mri"}, "wanted"),
        ({"status": "awaiting_medical_details", "wanted": [{"why": "x"}]}, "wanted.0.type"),
        ({"status": "awaiting_medical_details", "wanted": [{"type": "selfie"}]}, "wanted.0.type"),
        ({"status": "cancelled"}, "party"),
        ({"status": "cancelled", "party": "patient", "reason": "weather"}, "reason"),
        ({"status": "in_treatment", "admitted_on": "2999-01-01"}, "admitted_on"),
        ({"status": "completed", "outcome": "healed"}, "outcome"),
    ],
)
def test_what_is_missing_or_wrong_is_a_400_on_its_field(said, field, api, coordinator):
    booking = booking_in(S.UNDER_REVIEW)
    answer = api.as_(coordinator).patch(f"/bookings/{booking.pk}/status", said)
    assert answer.status_code == 400, answer.json()
    assert field in answer.json()["errors"]
    assert Booking.objects.get().status == S.UNDER_REVIEW


def test_an_illegal_move_names_the_legal_ones_in_the_askers_language(api, coordinator):
    booking = requested()
    answer = move(api.as_(coordinator), booking, S.ACCEPTED)
    assert outcome(answer) == (409, "illegal_transition")
    assert answer.json()["details"] == {
        "current": "requested",
        "allowed": ["under_review", "on_hold", "cancelled"],
    }


def test_a_patient_moves_nothing_but_to_cancelled(api, coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    client = api.as_(booking.patient.user)
    for status in S.values:
        if status != S.CANCELLED:
            said = {"reason": "visa", "review_on": "2999-01-01", "notes": "x"}
            assert outcome(move(client, booking, status, **said)) == (403, "permission_denied"), status
    assert move(client, booking, S.CANCELLED).status_code == 200
    assert Booking.objects.get().cancel_reason == "changed_mind"


def test_payment_states_come_from_the_ledger_alone(api, coordinator, admin):
    """T42."""
    booking = booking_in(S.PAYMENT_PENDING)
    for user in (coordinator, admin, booking.hospital.admin_user):
        for status in (S.PAYMENT_PENDING, S.PAYMENT_COMPLETED):
            assert outcome(move(api.as_(user), booking, status)) == (403, "permission_denied")


def test_notes_are_read_by_the_patient_internal_ones_by_staff(api, coordinator):
    booking = requested()
    move(api.as_(coordinator), booking, S.UNDER_REVIEW, notes="For you", internal_notes="For us")
    path = f"/bookings/{booking.pk}/timeline?ordering=-created_at"
    assert api.as_(coordinator).get(path).json()["data"][0]["internal_notes"] == "For us"
    event = api.as_(booking.patient.user).get(path).json()["data"][0]
    assert event["notes"] == "For you"
    assert "internal_notes" not in event


def test_internal_notes_of_a_hospital_are_not_kept(api, coordinator):
    booking = requested()
    move(api.as_(booking.hospital.admin_user), booking, S.UNDER_REVIEW, internal_notes="For us")
    assert not BookingEvent.objects.exclude(internal_notes="").exists()


def test_a_coordinator_confirms_with_channel_and_proof(api, coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    client = api.as_(coordinator)
    assert set(move(client, booking, S.CONFIRMED).json()["errors"]) == {"channel", "proof"}
    answer = move(client, booking, S.CONFIRMED, version=1, channel="phone", proof="Call of today")
    assert answer.json()["data"]["status"] == "payment_pending"
    acceptance = booking.quotations.get().acceptance
    assert (acceptance.ip, acceptance.language, acceptance.capacity) == ("127.0.0.1", "en", "coordinator")


def test_others_do_not_confirm(api, coordinator, admin):
    booking = booking_in(S.QUOTATION_SENT)
    for user in (admin, booking.hospital.admin_user, booking.patient.user):
        answer = move(api.as_(user), booking, S.CONFIRMED, channel="phone", proof="x")
        assert outcome(answer) == (403, "permission_denied")


def test_an_override_is_an_admins_or_the_hospitals(api, coordinator, admin):
    booking = booking_in(S.PAYMENT_PENDING)
    said = {"override_reason": "Emergency"}
    refusal = move(api.as_(coordinator), booking, S.TRAVEL_ARRANGEMENT, **said)
    assert outcome(refusal) == (409, "balance_needed")
    assert "a balance of 200.00 INR is needed" in refusal.json()["message"]
    answer = move(api.as_(admin), booking, S.TRAVEL_ARRANGEMENT, **said)
    assert answer.json()["data"]["override_reason"] == "Emergency"
    assert "override_reason" not in api.as_(booking.patient.user).get(f"/bookings/{booking.pk}").json()["data"]
    answer = move(api.as_(booking.hospital.admin_user), booking, S.IN_TREATMENT, **said)
    assert answer.status_code == 200


def test_completing_takes_today_and_treated_by_default(api, coordinator):
    booking = step(booking_in(S.TRAVEL_ARRANGEMENT), S.IN_TREATMENT)
    data = move(api.as_(booking.hospital.admin_user), booking, S.COMPLETED).json()["data"]
    assert (data["discharged_on"], data["outcome"]) == (str(clock.today(booking.hospital.timezone)), "treated")


def test_keys_of_other_moves_are_ignored(api, coordinator):
    booking = requested()
    said = {"outcome": "died", "version": 7, "wanted": [{"type": "mri"}], "party": "hospital", "channel": "phone"}
    assert move(api.as_(coordinator), booking, S.UNDER_REVIEW, **said).status_code == 200
    assert Booking.objects.get().outcome == ""


def test_unverified_people_move_nothing(api, coordinator):
    booking = requested()
    user = booking.patient.user
    user.is_verified = False
    user.save(update_fields=["is_verified"])
    assert outcome(move(api.as_(user), booking, S.CANCELLED)) == (403, "email_not_verified")
