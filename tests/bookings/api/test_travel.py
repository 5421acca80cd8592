"""/bookings/:id/travel: the journey's arrangements and their checklist."""

import pytest

from apps.bookings.states import BookingStatus as S
from tests.factories.bookings import booking_in, requested

pytestmark = pytest.mark.django_db


def test_staff_write_the_patient_reads(api, coordinator):
    booking = booking_in(S.TRAVEL_ARRANGEMENT)
    path = f"/bookings/{booking.pk}/travel"
    as_patient, as_staff = api.as_(booking.patient.user), api.as_(coordinator)
    empty = as_patient.get(path).json()["data"]
    assert empty["checklist"] == dict.fromkeys(("visa", "flights", "transfers", "accommodation"), "to_do")
    plan = {
        "flights": [{"number": "EK 501", "departs_at": "2027-03-01T09:30:00Z"}],
        "accommodation": {"name": "Hotel", "nights": 3},
        "checklist": {"visa": "granted", "flights": "done", "transfers": "not_needed", "accommodation": "done"},
    }
    written = as_staff.put(path, plan)
    assert written.status_code == 200
    assert written.json()["data"]["is_complete"] is True
    shown = as_patient.get(path).json()["data"]
    assert {name: shown[name] for name in plan} == plan
    assert as_patient.get(f"/bookings/{booking.pk}").json()["data"]["travel_details"] == shown


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({"checklist": {"visa": "lost"}}, "checklist.visa"),
        ({"checklist": []}, "checklist"),
        ({"flights": {"number": "EK"}}, "flights"),
        ({"flights": ["EK 501"]}, "flights.0"),
        ({"flights": [{}] * 51}, "flights"),
        ({"visa": "yes"}, "visa"),
        ({"visa": {"x": "y" * 30_000}}, "visa"),
    ],
)
def test_what_cannot_be_written(plan, field, api, coordinator):
    booking = booking_in(S.TRAVEL_ARRANGEMENT)
    answer = api.as_(coordinator).put(f"/bookings/{booking.pk}/travel", plan)
    assert answer.status_code == 400
    assert field in answer.json()["errors"], answer.json()


def test_who_writes_nothing(api, coordinator):
    booking = booking_in(S.TRAVEL_ARRANGEMENT)
    path = f"/bookings/{booking.pk}/travel"
    for user, status in ((booking.patient.user, 403), (booking.hospital.admin_user, 403), (None, 401)):
        assert api.as_(user).put(path, {"visa": {}}).status_code == status


def test_there_is_no_journey_before_anything_is_agreed(api, coordinator):
    answer = api.as_(coordinator).put(f"/bookings/{requested().pk}/travel", {"visa": {"number": "1"}})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_confirmed")
