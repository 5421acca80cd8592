"""Money on its way back: asked for, approved, refused, tried again. A worker brings it to the gateway
(refund_work.py), what the gateway says is booked in refund_reports.py.

What is owed to the payer goes back by policy; more waits for another person with role A. The sum of all refunds of a
payment, wherever they stand, never exceeds it: they are written under the booking's lock (T35).
"""

from decimal import Decimal
from uuid import UUID

from django.db import models, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing.errors import RefundTooMuch, SecondPersonNeeded
from apps.billing.models import Payment, Refund
from apps.billing.services.bank_references import read_reference
from apps.billing.services.locking import lock_payment, lock_refund
from apps.billing.services.refund_reports import complete_refund, move_refund, write_event
from apps.billing.states import REFUND, PaymentState, RefundState
from apps.bookings.models import Booking, Visibility
from apps.bookings.services.news import tell
from medivoy.core import clock, jobs
from medivoy.core.errors import GuardFailed, InvalidInput
from medivoy.core.ids import uuid7
from medivoy.core.money import ZERO, fits, format_amount
from medivoy.core.numbers import next_number


def left_of(payment: Payment) -> Decimal:
    """Return how much of a payment may still be asked back, in its currency: all refunds but the refused count."""
    if payment.status != PaymentState.COMPLETED:
        return ZERO
    left: Decimal = payment.amount - _sum(Refund.objects.counting().filter(payment=payment))
    return left


def owed_to_payer(booking: Booking) -> Decimal:
    """Return what is owed to the payer and is not on its way yet, in the booking's currency."""
    under_way = _sum(Refund.objects.committed().exclude(status=RefundState.COMPLETED).filter(booking=booking))
    return max(-booking.balance - under_way, ZERO)


@transaction.atomic
def request_refund(
    payment: Payment, *, actor: User, amount: Decimal | None = None, reason: str = "", refund_id: UUID | None = None
) -> Refund:
    """Ask for `amount` (None: all that is left) of a completed payment back, in its currency.

    What is owed to the payer (a negative balance) is by policy and approved by itself; more waits for another person
    with role A. `refund_id` makes a retry find what the first try made. Raises InvalidInput, GuardFailed
    not_refundable, RefundTooMuch. Rule: contract.md, POST /payments/:id/refund.
    """
    payment = lock_payment(payment.pk)
    made = Refund.objects.filter(pk=refund_id, payment=payment).first() if refund_id else None
    if made is not None:
        return made
    if payment.status != PaymentState.COMPLETED:
        raise GuardFailed(_("Only a completed payment can be refunded."), code="not_refundable")
    left = left_of(payment)
    amount = left if amount is None else amount
    if not fits(amount, payment.currency):
        raise InvalidInput(
            {"amount": [_("This has too many decimals for %(currency)s.") % {"currency": payment.currency}]}
        )
    if not 0 < amount <= left:
        raise RefundTooMuch(format_amount(left, payment.currency))
    by_policy = amount <= owed_to_payer(payment.booking)
    refund = write_refund(
        payment, amount=amount, actor=actor, reason=reason, is_by_policy=by_policy, refund_id=refund_id
    )
    if not by_policy:
        tell(payment.booking, "refund_requested", actor=actor)
    return refund


def write_refund(
    payment: Payment,
    *,
    amount: Decimal,
    actor: User | None,
    reason: str,
    is_by_policy: bool,
    refund_id: UUID | None = None,
) -> Refund:
    """Write a refund of a locked payment; by policy it is approved at once and a worker is woken."""
    refund = Refund.objects.create(
        id=refund_id or uuid7(),
        refund_number=next_number("RF"),
        booking=payment.booking,
        payment=payment,
        amount=amount,
        currency=payment.currency,
        status=RefundState.APPROVED if is_by_policy else RefundState.REQUESTED,
        is_by_policy=is_by_policy,
        reason=reason,
        requested_by=actor,
        next_attempt_at=clock.now(),
    )
    write_event(refund, actor, visibility=Visibility.PATIENT if is_by_policy else Visibility.STAFF)
    if is_by_policy:
        jobs.after_commit("billing.send_refunds")
    return refund


@transaction.atomic
def approve_refund(refund: Refund, *, actor: User) -> Refund:
    """Approve a refund beyond policy; a worker brings it to the gateway. An approved one stays as it is.

    Raises SecondPersonNeeded for whoever asked for it, IllegalMove.
    """
    refund = lock_refund(refund.pk)
    if refund.status == RefundState.APPROVED:
        return refund
    REFUND.check(refund.status, RefundState.APPROVED)
    if refund.requested_by_id == actor.pk:
        raise SecondPersonNeeded
    refund.approved_by, refund.next_attempt_at = actor, clock.now()
    move_refund(refund, RefundState.APPROVED, "approved_by", "next_attempt_at")
    write_event(refund, actor)
    jobs.after_commit("billing.send_refunds")
    return refund


@transaction.atomic
def reject_refund(refund: Refund, *, actor: User, reason: str) -> Refund:
    """Refuse a refund that waits for approval, or give up one that failed. Raises InvalidInput, IllegalMove."""
    if not reason.strip():
        raise InvalidInput({"reason": [_("A reason is needed.")]})
    refund = lock_refund(refund.pk)
    drop_request(refund, actor=actor, reason=reason)
    return refund


def drop_request(refund: Refund, *, actor: User | None, reason: str) -> None:
    """Take back a locked refund that is not under way. Raises IllegalMove."""
    refund.failure_reason = reason[:255]
    move_refund(refund, RefundState.REJECTED, "failure_reason")
    write_event(refund, actor, visibility=Visibility.STAFF)


@transaction.atomic
def retry_refund(refund: Refund, *, actor: User) -> Refund:
    """Bring a failed refund to the gateway once more. Raises IllegalMove."""
    refund = lock_refund(refund.pk)
    REFUND.check(refund.status, RefundState.PROCESSING)
    if refund.status == RefundState.FAILED:
        refund.next_attempt_at, refund.attempts, refund.failure_reason = clock.now(), 0, ""
        refund.gateway_refund_id, refund.round = "", refund.round + 1
        columns = ("next_attempt_at", "attempts", "failure_reason", "gateway_refund_id", "round")
        move_refund(refund, RefundState.PROCESSING, *columns)
        write_event(refund, actor, visibility=Visibility.STAFF)
    jobs.after_commit("billing.send_refunds")
    return refund


@transaction.atomic
def complete_by_hand(refund: Refund, *, actor: User, reference: str) -> Refund:
    """A coordinator has sent the money back by bank, under the bank's `reference`.

    For refunds of bank transfers, and for those that the gateway failed to make. Raises InvalidInput; GuardFailed
    not_by_hand while a gateway is to make it; IllegalMove.
    """
    reference = read_reference(reference)
    if not reference:
        raise InvalidInput({"reference": [_("The bank's reference is needed.")]})
    refund = lock_refund(refund.pk)
    if refund.status == RefundState.COMPLETED and refund.gateway_refund_id == reference:
        return refund
    if not refund.is_by_hand and refund.status != RefundState.FAILED:
        raise GuardFailed(_("This refund is made by the payment service."), code="not_by_hand")
    if Refund.objects.exclude(pk=refund.pk).filter(gateway_refund_id=reference).exists():
        raise InvalidInput({"reference": [_("This bank reference was booked before.")]})
    if refund.status == RefundState.APPROVED:
        move_refund(refund, RefundState.PROCESSING)
    refund.gateway_refund_id, refund.completed_by = reference, actor
    complete_refund(refund, actor=actor)
    return refund


def _sum(refunds: models.QuerySet[Refund]) -> Decimal:
    return refunds.aggregate(total=Sum("amount"))["total"] or ZERO
