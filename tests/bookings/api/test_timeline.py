"""/bookings/:id/timeline: read by visibility, added to by hand, never changed."""

import pytest

from apps.bookings.models import Booking
from apps.bookings.states import BookingStatus as S
from tests.factories.bookings import booking_in, make_patient, requested

pytestmark = pytest.mark.django_db


def test_events_in_their_order_with_who_and_when(api, coordinator):
    booking = booking_in(S.ACCEPTED)
    rows = api.as_(booking.patient.user).get(f"/bookings/{booking.pk}/timeline").json()["data"]
    assert [(row["kind"], row["from"], row["to"]) for row in rows] == [
        ("moved", None, "requested"),
        ("assigned", None, None),
        ("moved", "requested", "under_review"),
        ("moved", "under_review", "accepted"),
    ]
    assert rows[0]["who"] == {
        "id": str(booking.patient.user_id),
        "name": booking.patient.user.get_full_name(),
        "role": "patient",
    }
    assert rows[1]["who"] is None
    assert rows[0]["when"].endswith("Z")
    assert [row["when"] for row in rows] == sorted(row["when"] for row in rows)


def test_days_have_their_ends_too(api, coordinator):
    booking = requested()
    before = str(booking.requested_date)
    path = f"/bookings/{booking.pk}"
    api.as_(booking.patient.user).patch(path, {"requested_date": "2999-01-01"})
    row = api.as_(booking.patient.user).get(f"{path}/timeline").json()["data"][-1]
    assert (row["kind"], row["from"], row["to"]) == ("date", before, "2999-01-01")


def test_staff_add_notes_and_calls(api, coordinator):
    booking = requested()
    client, path = api.as_(coordinator), f"/bookings/{booking.pk}/timeline"
    note = client.post(path, {"notes": "Called the clinic"})
    assert note.status_code == 201
    assert (note.json()["data"]["kind"], note.json()["data"]["visibility"]) == ("note", "staff")
    said = {
        "kind": "call",
        "answered": True,
        "notes": "All well",
        "visibility": "patient",
        "internal_notes": "Nervous",
        "follow_up_at": "2999-01-01T09:00:00Z",
        "follow_up_note": "Ask again",
    }
    call = client.post(path, said).json()["data"]
    assert (call["data"], call["internal_notes"]) == ({"answered": True}, "Nervous")
    assert Booking.objects.get().follow_up_note == "Ask again"
    rows = api.as_(booking.patient.user).get(path).json()["data"]
    assert [row["notes"] for row in rows if row["notes"]] == ["All well"]


def test_a_hospital_adds_for_the_patient_and_itself(api, coordinator):
    booking = requested()
    client, path = api.as_(booking.hospital.admin_user), f"/bookings/{booking.pk}/timeline"
    event = client.post(path, {"notes": "A bed is free", "internal_notes": "x"}).json()["data"]
    assert event["visibility"] == "hospital"
    assert "internal_notes" not in event
    assert client.post(path, {"notes": "x", "visibility": "staff"}).status_code == 400


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "notes"),
        ({"notes": ""}, "notes"),
        ({"notes": "x", "kind": "moved"}, "kind"),
        ({"notes": "x", "visibility": "everyone"}, "visibility"),
        ({"kind": "call", "answered": "perhaps"}, "answered"),
        ({"kind": "call"}, "answered"),
        ({"kind": "call", "answered": True, "follow_up_at": "2999-01-01T09:00:00"}, "follow_up_at"),
    ],
)
def test_what_cannot_be_added(said, field, api, coordinator):
    booking = requested()
    answer = api.as_(coordinator).post(f"/bookings/{booking.pk}/timeline", said)
    assert answer.status_code == 400, answer.json()
    assert field in answer.json()["errors"]


def test_who_adds_nothing(api, coordinator):
    booking = requested()
    path = f"/bookings/{booking.pk}/timeline"
    for user, status in ((booking.patient.user, 403), (make_patient().user, 403), (None, 401)):
        assert api.as_(user).post(path, {"notes": "x"}).status_code == status
    for method in ("put", "patch", "delete"):
        assert getattr(api.as_(coordinator), method)(path, {}).status_code == 405
