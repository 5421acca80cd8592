"""Notes and calls by visibility; the journey's arrangements."""

from datetime import timedelta

import pytest

from apps.bookings.models import BookingEvent, EventKind
from apps.bookings.services.notes import add_note, log_call
from apps.bookings.services.travel import travel_of, write_travel
from apps.bookings.states import BookingStatus as S
from medivoy.core import clock
from medivoy.core.errors import GuardFailed, InvalidInput
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in, requested
from tests.factories.hospitals import DoctorFactory

pytestmark = pytest.mark.django_db


def readers(booking, *users):
    """Which of the users read the newest event."""
    newest = booking.events.order_by("created_at", "id").last()
    return [user for user in users if BookingEvent.objects.visible_to(user).filter(pk=newest.pk).exists()]


def test_who_reads_what(coordinator, admin):
    booking = requested()
    booking.doctor = DoctorFactory()
    booking.save(update_fields=["doctor"])
    patient, hospital, doctor = booking.patient.user, booking.hospital.admin_user, booking.doctor.user
    everyone = (patient, doctor, hospital, coordinator, admin, UserFactory(translator=True))
    for visibility, expected in (
        ("staff", [coordinator, admin]),
        ("hospital", [hospital, coordinator, admin]),
        ("patient", [patient, doctor, hospital, coordinator, admin]),
    ):
        add_note(booking, actor=coordinator, notes="Hello", visibility=visibility)
        assert readers(booking, *everyone) == expected


def test_doctors_read_nothing_of_offers_and_money(coordinator):
    booking = booking_in(S.INVOICE_SENT)
    booking.doctor = DoctorFactory()
    booking.save(update_fields=["doctor"])
    seen = BookingEvent.objects.visible_to(booking.doctor.user)
    assert seen.exists()
    assert not seen.filter(kind__in=["quotation", "payment", "refund", "reminder"]).exists()


def test_by_default_as_few_read_it_as_the_writer_can_choose(coordinator):
    booking = requested()
    assert add_note(booking, actor=coordinator, notes="x").visibility == "staff"
    assert add_note(booking, actor=booking.hospital.admin_user, notes="x").visibility == "hospital"


def test_a_hospital_writes_nothing_that_it_cannot_read(coordinator):
    booking = requested()
    with pytest.raises(InvalidInput) as refusal:
        add_note(booking, actor=booking.hospital.admin_user, notes="x", visibility="staff")
    assert "visibility" in refusal.value.errors
    event = add_note(booking, actor=booking.hospital.admin_user, notes="x", internal_notes="y")
    assert event.internal_notes == ""


def test_patients_write_no_notes(coordinator):
    booking = requested()
    with pytest.raises(InvalidInput):
        add_note(booking, actor=booking.patient.user, notes="x")


def test_an_empty_note_is_none(coordinator):
    with pytest.raises(InvalidInput) as refusal:
        add_note(requested(), actor=coordinator)
    assert "notes" in refusal.value.errors


def test_a_call_with_its_follow_up(coordinator):
    booking, at = requested(), clock.now() + timedelta(days=1)
    event = log_call(
        booking, actor=coordinator, answered=False, notes="No answer", follow_up_at=at, follow_up_note="Again"
    )
    assert (event.kind, event.data) == (EventKind.CALL, {"answered": False})
    booking.refresh_from_db()
    assert (booking.follow_up_at, booking.follow_up_note) == (at, "Again")


def test_a_hospitals_call_sets_no_follow_up(coordinator):
    booking = requested()
    log_call(booking, actor=booking.hospital.admin_user, answered=True, follow_up_at=clock.now())
    booking.refresh_from_db()
    assert booking.follow_up_at is None


def test_travel_begins_with_everything_to_do(coordinator):
    assert travel_of(booking_in(S.TRAVEL_ARRANGEMENT)).checklist() == dict.fromkeys(
        ("visa", "flights", "transfers", "accommodation"), "to_do"
    )


def test_what_is_written_stays_until_it_is_written_again(coordinator):
    booking = booking_in(S.TRAVEL_ARRANGEMENT)
    flights = [{"number": "EK 501", "departs_at": "2027-03-01T09:30:00Z"}]
    write_travel(booking, actor=coordinator, plan={"flights": flights, "checklist": {"flights": "done"}})
    plan = write_travel(booking, actor=coordinator, plan={"checklist": {"visa": "applied"}})
    assert plan.flights == flights
    assert plan.checklist() == {"visa": "applied", "flights": "done", "transfers": "to_do", "accommodation": "to_do"}
    assert not plan.is_complete()
    event = booking.events.filter(data__has_key="travel").last()
    assert event.data["travel"] == ["visa_status"]
    count = booking.events.count()
    write_travel(booking, actor=coordinator, plan={"checklist": {"visa": "applied"}})
    assert booking.events.count() == count


@pytest.mark.parametrize("checklist", [{"visa": "done"}, {"flights": "granted"}, {"luggage": "done"}])
def test_states_that_there_are_not(checklist, coordinator):
    with pytest.raises(InvalidInput) as refusal:
        write_travel(booking_in(S.TRAVEL_ARRANGEMENT), actor=coordinator, plan={"checklist": checklist})
    assert list(refusal.value.errors) == [f"checklist.{next(iter(checklist))}"]


@pytest.mark.parametrize("status", [S.QUOTATION_SENT, S.COMPLETED, S.CANCELLED])
def test_the_journey_is_arranged_between_acceptance_and_discharge(status, coordinator):
    with pytest.raises(GuardFailed) as refusal:
        write_travel(booking_in(status), actor=coordinator, plan={"checklist": {"visa": "applied"}})
    assert refusal.value.code == "not_confirmed"
