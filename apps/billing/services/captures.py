"""What a gateway reports of a payment becomes ours here, whichever way it came: webhook, look-up, or a person.

Both rows are locked before (services/locking.py). `completed` is final; failed and cancelled yield to a proven
capture; amount and currency are compared with our own, and what does not match is held for a person (T33, T34).
"""

from decimal import Decimal
from enum import StrEnum

from apps.accounts.models import User
from apps.billing.gateways.base import Reported, ReportedState
from apps.billing.models import Payment
from apps.billing.services.receipts import write_receipt
from apps.billing.services.settlement import settle
from apps.billing.states import PAYMENT, PaymentState
from apps.bookings.models import EventKind, Visibility
from apps.bookings.services.news import tell
from apps.bookings.services.transition import record
from apps.bookings.states import BookingStatus
from medivoy.core import clock
from medivoy.core.money import format_amount


class Verdict(StrEnum):
    """What a report changed."""

    APPLIED = "applied"
    IGNORED = "ignored"
    MISMATCH = "mismatch"


def book_report(payment: Payment, reported: Reported) -> Verdict:
    """Bring a locked payment to what its gateway reports, as far as that is news."""
    if reported.state == ReportedState.COMPLETED:
        if (reported.amount, reported.currency) != (payment.amount, payment.currency):
            return hold_mismatch(payment, reported)
        if payment.status == PaymentState.COMPLETED:
            return Verdict.IGNORED
        payment.capture_reference = reported.capture_reference
        complete_payment(payment, actor=None)
        return Verdict.APPLIED
    if not payment.is_open:
        return Verdict.IGNORED
    match reported.state:
        case ReportedState.FAILED:
            fail_payment(payment, reason=reported.reason)
        case ReportedState.CANCELLED:
            cancel_payment(payment, actor=None)
        case ReportedState.PROCESSING if payment.status == PaymentState.PENDING:
            _move(payment, PaymentState.PROCESSING)
        case _:
            return Verdict.IGNORED
    return Verdict.APPLIED


def complete_payment(payment: Payment, *, actor: User | None, amount: Decimal | None = None) -> None:
    """Book a locked payment as money received (`amount`: where another than asked for arrived) and settle.

    Money for a cancelled booking is booked too, held, and staff are told.
    """
    booking = payment.booking
    payment.amount = payment.amount if amount is None else amount
    payment.payment_date, payment.failure_reason, payment.mismatch = clock.now(), "", ""
    payment.client_data, payment.withdraw_since = {}, None
    _move(
        payment,
        PaymentState.COMPLETED,
        "amount",
        "payment_date",
        "failure_reason",
        "mismatch",
        "client_data",
        "withdraw_since",
        "capture_reference",
    )
    receipt = write_receipt(payment)
    _write_event(payment, actor, receipt=receipt.receipt_number)
    tell(booking, "payment_received", actor=actor)
    tell(booking, "receipt_ready", attachments=[("receipt", receipt.pk)])
    if booking.status == BookingStatus.CANCELLED:
        tell(booking, "money_for_cancelled_booking")
    settle(booking)


def fail_payment(payment: Payment, *, reason: str) -> None:
    """The gateway says that nothing was paid."""
    payment.failure_reason = reason[:255]
    _move(payment, PaymentState.FAILED, "failure_reason")
    _write_event(payment, None)
    tell(payment.booking, "payment_failed")
    settle(payment.booking)


def cancel_payment(payment: Payment, *, actor: User | None) -> None:
    """An open attempt is withdrawn, and the gateway (if there is one) knows."""
    payment.withdraw_since = None
    _move(payment, PaymentState.CANCELLED, "withdraw_since")
    _write_event(payment, actor, visibility=Visibility.HOSPITAL)
    settle(payment.booking)


def await_second_person(payment: Payment) -> None:
    """The money of a bank transfer was seen by one person; another has to look too."""
    if payment.status == PaymentState.PENDING:
        _move(payment, PaymentState.PROCESSING)


def hold_mismatch(payment: Payment, reported: Reported) -> Verdict:
    """Hold a capture that is not what we asked for: said once, settled never."""
    ours = format_amount(payment.amount, payment.currency)
    problem = f"{reported.amount:f} {reported.currency} ≠ {ours} {payment.currency}"
    if payment.mismatch != problem:
        payment.mismatch = problem[:255]
        payment.save(update_fields=["mismatch"])
        _write_event(payment, None, visibility=Visibility.STAFF, mismatch=problem)
        tell(payment.booking, "payment_mismatch")
    return Verdict.MISMATCH


def _move(payment: Payment, to: PaymentState, *columns: str) -> None:
    PAYMENT.check(payment.status, to)
    payment.status = to
    payment.save(update_fields=["status", *columns])


def _write_event(
    payment: Payment, actor: User | None, *, visibility: Visibility = Visibility.PATIENT, **data: str
) -> None:
    record(
        payment.booking,
        EventKind.PAYMENT,
        actor=actor,
        visibility=visibility,
        data={
            "payment": payment.transaction_id,
            "status": str(payment.status),
            "amount": format_amount(payment.amount, payment.currency),
            "currency": payment.currency,
            "gateway": payment.payment_gateway,
            **data,
        },
    )
