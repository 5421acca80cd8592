"""What a gateway or a person reports of a refund is booked here. Refund, payment and booking are locked before."""

from datetime import timedelta

from apps.accounts.models import User
from apps.billing.gateways.base import ReportedRefund, ReportedState
from apps.billing.models import Refund
from apps.billing.services.captures import Verdict
from apps.billing.services.settlement import settle
from apps.billing.states import REFUND, RefundState
from apps.bookings.models import EventKind, Visibility
from apps.bookings.services.news import tell
from apps.bookings.services.transition import record
from medivoy.core import clock
from medivoy.core.money import format_amount

ASK_AGAIN = timedelta(minutes=15)


def book_refund_report(refund: Refund, reported: ReportedRefund) -> Verdict:
    """Bring a locked refund to what its gateway reports; `completed` is final, `failed` yields to it."""
    if refund.status == RefundState.COMPLETED or refund.status not in (RefundState.PROCESSING, RefundState.FAILED):
        return Verdict.IGNORED
    if reported.reference and not refund.gateway_refund_id:
        refund.gateway_refund_id = reported.reference
        refund.save(update_fields=["gateway_refund_id"])
    if reported.state == ReportedState.COMPLETED:
        if (reported.amount, reported.currency) != (refund.amount, refund.currency):
            return _hold_mismatch(refund, reported)
        complete_refund(refund, actor=None)
    elif refund.status == RefundState.FAILED:
        return Verdict.IGNORED
    elif reported.state in (ReportedState.FAILED, ReportedState.CANCELLED):
        fail_refund(refund, reason=reported.reason or str(reported.state))
    else:
        refund.next_attempt_at = clock.now() + ASK_AGAIN
        refund.save(update_fields=["next_attempt_at"])
    return Verdict.APPLIED


def complete_refund(refund: Refund, *, actor: User | None) -> None:
    """The money is on its way back: book it and settle."""
    refund.completed_at, refund.failure_reason = clock.now(), ""
    move_refund(refund, RefundState.COMPLETED, "completed_at", "failure_reason", "gateway_refund_id", "completed_by")
    write_event(refund, actor)
    tell(refund.booking, "refund_completed", actor=actor)
    settle(refund.booking)


def fail_refund(refund: Refund, *, reason: str) -> None:
    """It could not be made: somebody has to look at it."""
    refund.failure_reason = reason[:255]
    move_refund(refund, RefundState.FAILED, "failure_reason")
    write_event(refund, None, visibility=Visibility.STAFF)
    tell(refund.booking, "refund_failed")


def move_refund(refund: Refund, to: RefundState, *columns: str) -> None:
    """Write the state of a locked refund and these columns with it. Raises IllegalMove."""
    REFUND.check(refund.status, to)
    refund.status = to
    refund.save(update_fields=["status", *columns])


def write_event(refund: Refund, actor: User | None, *, visibility: str = Visibility.PATIENT) -> None:
    """Put on the timeline how the refund stands."""
    record(
        refund.booking,
        EventKind.REFUND,
        actor=actor,
        visibility=visibility,
        data={
            "refund": refund.refund_number,
            "payment": refund.payment.transaction_id,
            "status": str(refund.status),
            "amount": format_amount(refund.amount, refund.currency),
            "currency": refund.currency,
        },
    )


def _hold_mismatch(refund: Refund, reported: ReportedRefund) -> Verdict:
    fail_refund(refund, reason=f"{reported.amount:f} {reported.currency} was sent back instead")
    return Verdict.MISMATCH
