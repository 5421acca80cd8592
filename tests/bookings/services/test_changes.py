"""What may still be changed, and until when; another day of admission; follow-ups."""

from datetime import timedelta

import pytest

from apps.bookings.models import Booking, EventKind
from apps.bookings.services.changes import update_booking
from apps.bookings.services.dates import reschedule
from apps.bookings.services.follow_ups import set_follow_up
from apps.bookings.services.travel import write_travel
from apps.bookings.states import BookingStatus as S
from apps.notifications.models import Notification
from medivoy.core import clock
from medivoy.core.errors import GuardFailed, InvalidInput
from tests.bookings.table import HELD
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in, pay_deposit, requested, step
from tests.factories.hospitals import DoctorFactory, HospitalDoctorFactory, HospitalTreatmentFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
BEFORE_CONFIRMED = HELD[:5]


def new_value(booking, field):
    return {
        "treatment": lambda: HospitalTreatmentFactory(hospital=booking.hospital).treatment,
        "requested_date": lambda: booking.local_today() + 9 * DAY,
        "travellers": lambda: 3,
        "medical_details": lambda: {"diagnosis": "angina"},
        "notes": lambda: "Other wishes",
        "doctor": lambda: HospitalDoctorFactory(hospital=booking.hospital).doctor,
    }[field]()


@pytest.mark.parametrize(
    ("field", "until"),
    [
        ("treatment", HELD[:2]),
        ("requested_date", HELD[:2]),
        ("travellers", HELD[:2]),
        ("medical_details", BEFORE_CONFIRMED),
        ("notes", BEFORE_CONFIRMED),
        ("doctor", BEFORE_CONFIRMED),
    ],
)
@pytest.mark.parametrize("status", [S.REQUESTED, S.UNDER_REVIEW, S.ACCEPTED, S.QUOTATION_SENT, S.PAYMENT_PENDING])
def test_until_when_a_field_is_changed(field, until, status, coordinator):
    booking = booking_in(status)
    value = new_value(booking, field)
    if status in until:
        assert getattr(update_booking(booking, actor=booking.patient.user, **{field: value}), field) == value
        return
    with pytest.raises(GuardFailed) as refusal:
        update_booking(booking, actor=booking.patient.user, **{field: value})
    assert refusal.value.code == "too_late"
    assert getattr(Booking.objects.get(pk=booking.pk), field) != value


def test_a_held_booking_counts_as_what_it_was_held_from(coordinator):
    early, late = (booking_in(S.ON_HOLD, held_from=state) for state in (S.UNDER_REVIEW, S.ACCEPTED))
    assert update_booking(early, actor=coordinator, travellers=2).travellers == 2
    with pytest.raises(GuardFailed):
        update_booking(late, actor=coordinator, travellers=2)


def test_the_same_again_writes_nothing_however_late(coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    before = Booking.objects.values().get(pk=booking.pk), booking.events.count()
    update_booking(booking, actor=coordinator, notes=booking.notes, treatment=booking.treatment)
    assert (Booking.objects.values().get(pk=booking.pk), booking.events.count()) == before


def test_each_change_stands_on_the_timeline_by_name(coordinator):
    booking = requested()
    day = booking.local_today() + 30 * DAY
    before = booking.requested_date
    update_booking(booking, actor=coordinator, notes="Secret", requested_date=day, internal_notes="Also")
    date_, note, internal = booking.events.order_by("created_at", "id")[2:]
    assert date_.data == {"field": "requested_date", "from": before.isoformat(), "to": day.isoformat()}
    assert (note.data, note.visibility) == ({"changed": ["notes"]}, "patient")
    assert (internal.data, internal.visibility) == ({"changed": ["internal_notes"]}, "staff")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"treatment": "another's"}, "treatment_id"),
        ({"doctor": "another's"}, "doctor_id"),
        ({"requested_date": "past"}, "requested_date"),
    ],
)
def test_what_does_not_fit_is_refused(changes, field, coordinator):
    booking = requested()
    values = {
        "treatment": lambda: HospitalTreatmentFactory().treatment,
        "doctor": DoctorFactory,
        "requested_date": lambda: booking.local_today() - DAY,
    }
    with pytest.raises(InvalidInput) as refusal:
        update_booking(booking, actor=coordinator, **{name: values[name]() for name in changes})
    assert list(refusal.value.errors) == [field]


def test_what_the_patient_writes_answers_what_was_wanted_in_words(coordinator):
    booking = booking_in(S.AWAITING_MEDICAL_DETAILS)
    assert booking.waiting_on == "patient"
    Notification.objects.all().delete()
    booking = update_booking(booking, actor=booking.patient.user, medical_details={"allergies": "none"})
    assert booking.wanted_documents.get().state == "received"
    assert booking.waiting_on == "coordinator"
    assert Notification.objects.filter(type="document_received", user=coordinator).exists()


def test_what_staff_write_does_not(coordinator):
    booking = booking_in(S.AWAITING_MEDICAL_DETAILS)
    update_booking(booking, actor=coordinator, notes="They called")
    assert booking.wanted_documents.get().state == "wanted"


def test_documents_are_not_answered_in_words(coordinator):
    booking = step(booking_in(S.ACCEPTED), S.AWAITING_MEDICAL_DETAILS, wanted=[{"type": "mri"}])
    update_booking(booking, actor=booking.patient.user, notes="It is in the post")
    assert booking.wanted_documents.get().state == "wanted"


def test_the_coordinator_is_changed_with_the_rest(coordinator, admin):
    booking, another = requested(), UserFactory(coordinator=True)
    booking = update_booking(booking, actor=admin, coordinator=another, notes="New")
    assert (booking.coordinator, Booking.objects.get().notes) == (another, "New")


# --- another day of admission ---------------------------------------------------------------------------------------


def test_rescheduling_moves_the_milestones_that_hang_on_admission(coordinator):
    booking = pay_deposit(booking_in(S.PAYMENT_PENDING))
    deposit, rest = booking.milestones.all()
    before, day = booking.confirmed_date, booking.confirmed_date + 10 * DAY
    booking = reschedule(booking, confirmed_date=day, asked_by="patient", reason="A wedding", actor=coordinator)
    assert booking.confirmed_date == day
    assert list(booking.milestones.values_list("due_date", flat=True)) == [deposit.due_date, rest.due_date + 10 * DAY]
    event = booking.events.get(kind=EventKind.DATE)
    assert (event.reason, event.actor) == ("A wedding", coordinator)
    assert event.data == {
        "field": "confirmed_date",
        "from": before.isoformat(),
        "to": day.isoformat(),
        "asked_by": "patient",
    }


def test_the_clocks_follow_the_new_day(coordinator):
    booking = booking_in(S.TRAVEL_ARRANGEMENT)
    plan = {"checklist": {"visa": "granted", "flights": "done", "transfers": "done", "accommodation": "done"}}
    write_travel(booking, actor=coordinator, plan=plan)
    day = booking.confirmed_date + 10 * DAY
    booking = reschedule(booking, confirmed_date=day, asked_by="hospital", reason="No bed", actor=coordinator)
    assert booking.due_at == clock.end_of_day(day, booking.hospital.timezone)


def test_an_earlier_day_makes_nothing_due_in_the_past(coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    day = booking.local_today() + 2 * DAY
    booking = reschedule(booking, confirmed_date=day, asked_by="patient", reason="Sooner", actor=coordinator)
    assert booking.milestones.get(needed_for=S.IN_TREATMENT).due_date == booking.local_today()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (S.QUOTATION_SENT, "not_confirmed"),
        (S.IN_TREATMENT, "too_late"),
        (S.COMPLETED, "too_late"),
        (S.CANCELLED, "too_late"),
    ],
)
def test_when_there_is_no_day_to_move(status, code, coordinator):
    booking = booking_in(status)
    with pytest.raises(GuardFailed) as refusal:
        reschedule(
            booking,
            confirmed_date=booking.local_today() + DAY,
            asked_by="patient",
            reason="?",
            actor=coordinator,
        )
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("given", "field"),
    [({"asked_by": ""}, "asked_by"), ({"reason": ""}, "reason"), ({"days": -1}, "confirmed_date")],
)
def test_rescheduling_says_who_asked_and_why(given, field, coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    days = given.pop("days", 1)
    said = {"asked_by": "patient", "reason": "?"} | given
    with pytest.raises(InvalidInput) as refusal:
        reschedule(booking, confirmed_date=booking.local_today() + days * DAY, actor=coordinator, **said)
    assert list(refusal.value.errors) == [field]


def test_the_same_day_again_writes_nothing(coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    reschedule(booking, confirmed_date=booking.confirmed_date, asked_by="patient", reason="?", actor=coordinator)
    assert not booking.events.filter(kind=EventKind.DATE).exists()


def test_update_passes_the_new_day_on(coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    day = booking.confirmed_date + DAY
    booking = update_booking(booking, actor=coordinator, confirmed_date=day, asked_by="patient", reason="?")
    assert booking.confirmed_date == day
    with pytest.raises(InvalidInput):
        update_booking(booking, actor=coordinator, confirmed_date=day + DAY)


# --- follow-ups -----------------------------------------------------------------------------------------------------


def test_a_follow_up_is_set_and_taken_away_for_staff_to_read(coordinator):
    booking, at = requested(), clock.now() + DAY
    booking = update_booking(booking, actor=coordinator, follow_up_at=at, follow_up_note="Ask for the scan")
    assert (booking.follow_up_at, booking.follow_up_note) == (at, "Ask for the scan")
    assert list(Booking.objects.to_follow_up(at + DAY)) == [booking]
    booking = update_booking(booking, actor=coordinator, follow_up_note="Ask again")
    assert (booking.follow_up_at, booking.follow_up_note) == (at, "Ask again")
    booking = set_follow_up(booking, at=None, actor=coordinator)
    assert (booking.follow_up_at, booking.follow_up_note) == (None, "")
    notes = booking.events.filter(kind=EventKind.NOTE)
    assert {event.visibility for event in notes} == {"staff"}
    count = notes.count()
    set_follow_up(booking, at=None, actor=coordinator)
    assert notes.count() == count == 3
