"""Holding, the hospital stay, cancelling: what each writes and whom it tells."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.bookings.models import Booking
from apps.bookings.services.cancellation import close_cancelled, read_grounds
from apps.bookings.services.progress import advance, invoice_was_sent
from apps.bookings.services.transition import lock, move
from apps.bookings.states import BookingStatus as S
from apps.notifications.models import Notification
from medivoy.core import clock
from medivoy.core.errors import IllegalMove, InvalidInput, Missing
from medivoy.core.ids import uuid7
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in, pay, step

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def told(event, **filters):
    return {row.user_id for row in Notification.objects.filter(type=event, channel="in_app", **filters)}


def test_holding_keeps_where_the_case_was(coordinator):
    booking = booking_in(S.UNDER_REVIEW)
    since, day = booking.status_since, booking.local_today() + DAY
    booking = step(booking, S.ON_HOLD, reason="visa", review_on=day, notes="Until the visa is there")
    assert (booking.held_from, booking.held_from_since) == (S.UNDER_REVIEW, since)
    assert (booking.hold_reason, booking.review_on) == ("visa", day)
    event = booking.events.last()
    assert (event.reason, event.notes, event.data) == (
        "visa",
        "Until the visa is there",
        {"review_on": day.isoformat()},
    )
    booking = step(booking, S.UNDER_REVIEW)
    assert (booking.held_from, booking.hold_reason, booking.review_on) == ("", "", None)
    assert booking.status_since == since
    assert told("booking_resumed") == {booking.patient.user_id}


def test_money_that_arrives_while_held_is_booked_and_moves_the_case_on_resuming(coordinator):
    booking = booking_in(S.ON_HOLD, held_from=S.PAYMENT_PENDING)
    booking = pay(booking)
    assert (booking.status, booking.balance, booking.payment_status) == (S.ON_HOLD, 0, "payment_completed")
    assert advance(booking) == []
    assert step(booking, S.PAYMENT_PENDING).status == S.INVOICE_SENT


def test_a_held_case_is_cancelled_and_held_no_more(coordinator):
    booking = step(booking_in(S.ON_HOLD), S.CANCELLED, party="hospital", reason="doctor_unavailable")
    assert (booking.status, booking.held_from, booking.hold_reason, booking.review_on) == (S.CANCELLED, "", "", None)


def test_admission_and_discharge(coordinator):
    booking = booking_in(S.TRAVEL_ARRANGEMENT)
    day = booking.local_today() - 3 * DAY
    booking = step(booking, S.IN_TREATMENT, admitted_on=day)
    assert booking.admitted_on == day
    booking = step(booking, S.COMPLETED, discharged_on=day + DAY, outcome="partly_treated")
    assert (booking.discharged_on, booking.outcome) == (day + DAY, "partly_treated")
    assert booking.closed_at == booking.status_since


def test_a_death_ends_every_automatic_message_and_admins_are_told(coordinator, admin):
    booking = booking_in(S.IN_TREATMENT)
    Notification.objects.all().delete()
    booking = step(booking, S.COMPLETED, outcome="died")
    assert told("patient_died") == {admin.pk}
    assert not Notification.objects.filter(user=booking.patient.user).exists()


def test_a_cancellation_for_death_too(coordinator, admin):
    booking = booking_in(S.ACCEPTED)
    Notification.objects.all().delete()
    booking = step(booking, S.CANCELLED, party="patient", reason="death")
    assert told("patient_died") == {admin.pk}
    assert not Notification.objects.filter(user=booking.patient.user).exists()


def test_the_hospital_hears_of_what_concerns_it(coordinator):
    booking = booking_in(S.FEEDBACK_RECEIVED)
    heard = Notification.objects.filter(user=booking.hospital.admin_user, channel="in_app")
    assert set(heard.values_list("type", flat=True)) == {
        "booking_accepted",
        "booking_confirmed",
        "payment_completed",
        "travel_arrangement",
    }


def test_every_move_tells_the_patient_and_the_coordinator_less_whoever_made_it(coordinator):
    booking = booking_in(S.FEEDBACK_RECEIVED)
    moves = [
        "booking_under_review", "booking_accepted", "details_wanted", "quotation_sent", "payment_pending",
        "payment_completed", "invoice_sent", "travel_arrangement", "in_treatment", "booking_completed",
    ]  # fmt: skip
    by_system = {"payment_pending", "payment_completed", "invoice_sent"}
    patient = booking.patient.user_id
    for event in moves:
        assert patient in told(event), event
        assert (coordinator.pk in told(event)) == (event in by_system), event
    # Of their own acceptance the patient is told too, of their own review not.
    assert told("booking_confirmed") >= {patient, coordinator.pk}
    assert told("feedback_received") == {coordinator.pk}


def test_no_message_carries_a_note_or_a_reason(coordinator):
    booking = booking_in(S.UNDER_REVIEW)
    step(booking, S.REJECTED, reason="SECRET-REASON", notes="SECRET-NOTE", internal_notes="SECRET-INTERNAL")
    assert Notification.objects.exists()
    assert not any("SECRET" in row.title + row.message for row in Notification.objects.all())


# --- cancelling -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "said", "grounds"),
    [
        ("patient", {}, ("patient", "changed_mind")),
        ("patient", {"reason": "price"}, ("patient", "price")),
        ("hospital_admin", {"reason": "hospital_unavailable"}, ("hospital", "hospital_unavailable")),
        ("coordinator", {"party": "platform", "reason": "other"}, ("platform", "other")),
        ("patient", {"party": "hospital"}, "party"),
        ("hospital_admin", {"party": "patient", "reason": "price"}, "party"),
        ("hospital_admin", {}, "reason"),
        ("coordinator", {"reason": "price"}, "party"),
        ("admin", {"party": "patient"}, "reason"),
        ("admin", {"party": "patient", "reason": "weather"}, "reason"),
    ],
)
def test_on_which_grounds_each_role_cancels(who, said, grounds):
    actor = UserFactory(user_type=who)
    if isinstance(grounds, tuple):
        read = read_grounds(actor, **said)
        assert (read.party, read.reason) == grounds
        return
    with pytest.raises(InvalidInput) as refusal:
        read_grounds(actor, **said)
    assert grounds in refusal.value.errors


def test_closing_writes_what_is_kept_and_why(coordinator):
    booking = booking_in(S.INVOICE_SENT)
    booking = close_cancelled(
        booking,
        actor=coordinator,
        party="patient",
        reason="visa_refused",
        amount_kept=Decimal(400),
        proof_wanted=True,
        internal_notes="They will send the letter",
    )
    assert (booking.cancel_party, booking.cancel_reason, booking.cancel_proof_wanted) == (
        "patient",
        "visa_refused",
        True,
    )
    assert (booking.balance, booking.payment_status, booking.waiting_on) == (-600, "overpaid", "coordinator")
    event = booking.events.filter(to_status=S.CANCELLED).get()
    assert (event.reason, event.data, event.internal_notes) == (
        "visa_refused",
        {"party": "patient"},
        "They will send the letter",
    )


def test_a_patient_in_treatment_cannot_cancel_and_staff_can(coordinator):
    booking = booking_in(S.IN_TREATMENT)
    terms = {"party": "patient", "reason": "other", "amount_kept": Decimal(0), "proof_wanted": False}
    with pytest.raises(IllegalMove) as refusal:
        close_cancelled(booking, actor=booking.patient.user, **terms)
    assert refusal.value.details == {"current": "in_treatment", "allowed": []}
    assert close_cancelled(booking, actor=coordinator, **terms).status == S.CANCELLED


# --- the steps that all are made of ---------------------------------------------------------------------------------


def test_what_is_not_in_the_table_is_not_written_whoever_asks(coordinator):
    booking = lock(booking_in(S.REQUESTED).pk)
    with pytest.raises(IllegalMove):
        move(booking, S.COMPLETED, actor=None)
    held = lock(booking_in(S.ON_HOLD, held_from=S.ACCEPTED).pk)
    with pytest.raises(IllegalMove) as refusal:
        move(held, S.UNDER_REVIEW, actor=None)
    assert refusal.value.details["allowed"] == ["accepted", "cancelled"]


def test_a_booking_that_is_not_there_is_missing():
    with pytest.raises(Missing):
        lock(uuid7())


def test_the_invoice_moves_the_case_only_where_it_is_awaited(coordinator):
    assert invoice_was_sent(lock(booking_in(S.ACCEPTED).pk)) is False
    assert invoice_was_sent(lock(booking_in(S.PAYMENT_COMPLETED).pk)) is False
    paid = lock(booking_in(S.PAYMENT_COMPLETED).pk)
    Booking.objects.filter(pk=paid.pk).update(invoiced_at=clock.now())
    assert invoice_was_sent(lock(paid.pk)) is True
