"""PATCH /bookings/:id: what is changed, by whom, and until when."""

from datetime import timedelta

import pytest

from apps.bookings.states import BookingStatus as S
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in, requested
from tests.factories.hospitals import (
    DoctorFactory,
    HospitalTreatmentFactory,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_a_patient_changes_their_wish_and_nothing_else(api, coordinator):
    booking = requested()
    treatment = HospitalTreatmentFactory(hospital=booking.hospital).treatment
    said = {
        "treatment_id": str(treatment.pk),
        "notes": "Other",
        "status": "confirmed",
        "coordinator_id": str(UserFactory(coordinator=True).pk),
        "follow_up_note": "x",
        "total_amount": "1.00",
    }
    answer = api.as_(booking.patient.user).patch(f"/bookings/{booking.pk}", said)
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert (data["treatment_id"], data["notes"]) == (str(treatment.pk), "Other")
    booking.refresh_from_db()
    assert (booking.status, booking.coordinator, booking.follow_up_note, booking.total_amount) == (
        "requested",
        coordinator,
        "",
        None,
    )


def test_later_it_is_too_late(api, coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    answer = api.as_(booking.patient.user).patch(f"/bookings/{booking.pk}", {"notes": "Other"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_late")


def test_staff_hand_over_follow_up_and_reschedule(api, coordinator):
    booking, another = booking_in(S.PAYMENT_PENDING), UserFactory(coordinator=True)
    day = str(booking.confirmed_date + DAY)
    said = {
        "coordinator_id": str(another.pk),
        "follow_up_at": "2027-01-01T10:00:00+01:00",
        "follow_up_note": "Call",
        "confirmed_date": day,
        "asked_by": "patient",
        "reason": "A wedding",
    }
    answer = api.as_(coordinator).patch(f"/bookings/{booking.pk}", said)
    assert answer.status_code == 200, answer.json()
    data = answer.json()["data"]
    assert (data["coordinator_id"], data["confirmed_date"]) == (str(another.pk), day)
    assert (data["follow_up_at"], data["follow_up_note"]) == ("2027-01-01T09:00:00Z", "Call")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"coordinator_id": "unknown"}, "coordinator_id"),
        ({"coordinator_id": "an admin"}, "coordinator_id"),
        ({"follow_up_at": "2027-01-01T10:00:00"}, "follow_up_at"),
        ({"doctor_id": "elsewhere"}, "doctor_id"),
        ({"confirmed_date": "2999-01-01"}, "asked_by"),
        ({"confirmed_date": "2999-01-01", "asked_by": "embassy"}, "asked_by"),
        ({"requested_date": "2020-01-01"}, "requested_date"),
    ],
)
def test_what_staff_cannot_write(said, field, api, coordinator):
    booking = requested()
    ids = {
        "unknown": "01a203d4-0000-7000-8000-000000000000",
        "an admin": UserFactory(admin=True).pk,
        "elsewhere": DoctorFactory().pk,
    }
    said = {name: str(ids.get(value, value)) for name, value in said.items()}
    answer = api.as_(coordinator).patch(f"/bookings/{booking.pk}", said)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


@pytest.mark.parametrize("body", ["[]", "{", '{"a": 1, "a": 2}', '{"notes": "\\u0000"}', "null", '{"notes": NaN}'])
def test_malformed_json_is_a_400(body, api, coordinator):
    booking = requested()
    answer = api.as_(coordinator).generic("PATCH", f"/bookings/{booking.pk}", body, content_type="application/json")
    assert answer.status_code == 400


def test_a_doctor_whose_licence_is_not_verified_sees_no_case_t1(api):
    booking = booking_in(S.PAYMENT_PENDING)
    doctor = DoctorFactory(is_verified=True)
    booking.doctor = doctor
    booking.save(update_fields=["doctor"])
    address = f"/api/v1/bookings/{booking.pk}"
    assert api.as_(doctor.user).get(address).status_code == 200
    doctor.is_verified = False
    doctor.save(update_fields=["is_verified"])
    assert api.as_(doctor.user).get(address).status_code == 404
