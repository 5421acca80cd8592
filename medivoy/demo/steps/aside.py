"""What happens beside the straight way: notes and calls, a hold, a cancellation."""

from datetime import timedelta

from apps.billing.services.cancellation import cancel_booking, preview
from apps.billing.services.refund_work import send_due_refunds
from apps.bookings.services.notes import add_note, log_call
from apps.bookings.states import BookingStatus as S
from medivoy.core import clock
from medivoy.demo.case import Case


def note(case: Case) -> None:
    actor = case.coordinator
    case.act(actor, lambda: add_note(case.booking, actor=actor, internal_notes="Prefers messages in the morning."))


def call(case: Case) -> None:
    """A call, and when to call again: some of it today, some of it tomorrow."""
    case.wait(hours=3)
    actor, again = case.coordinator, clock.now() + timedelta(hours=case.turn % 40 - 4)
    case.act(
        actor,
        lambda: log_call(
            case.booking,
            actor=actor,
            answered=bool(case.turn % 2),
            internal_notes="Asked whether everything is clear.",
            follow_up_at=again,
            follow_up_note="Call again",
        ),
    )


def hold(case: Case) -> None:
    case.wait(hours=10)
    review_on = (clock.now() + timedelta(days=case.turn % 9)).date()
    case.move(S.ON_HOLD, case.coordinator, reason="personal", review_on=review_on, notes="A wedding in the family")


def cancel_by_patient(case: Case) -> None:
    _cancel(case, "patient", "changed_mind")


def cancel_for_visa(case: Case) -> None:
    _cancel(case, "patient", "visa_refused")


def cancel_by_hospital(case: Case) -> None:
    _cancel(case, "hospital", "doctor_unavailable")


def _cancel(case: Case, party: str, reason: str) -> None:
    """The coordinator sees what goes back, cancels, and the worker sends it."""
    case.wait(hours=15)
    actor = case.coordinator
    with clock.at(case.now):
        terms = preview(case.booking, party=party, reason=reason)
    grounds = {"party": party, "reason": reason, "expected_refund": terms.refund}
    case.act(actor, lambda: cancel_booking(case.booking, actor=actor, **grounds))
    with clock.at(case.now):
        send_due_refunds()
