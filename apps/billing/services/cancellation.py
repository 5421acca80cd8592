"""Cancelling a booking: the case is closed, the policy's share goes back, the invoice is credited for it."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing.errors import RefundChanged
from apps.billing.gateways.registry import is_by_hand
from apps.billing.models import Invoice, Payment, Refund
from apps.billing.services.adjustments import write_adjustment
from apps.billing.services.cancellation_terms import PaymentShare, Terms, refundable, share_out, terms_of
from apps.billing.services.captures import cancel_payment
from apps.billing.services.credit_notes import credit_invoice, credited
from apps.billing.services.refunds import drop_request, write_refund
from apps.billing.services.settlement import settle
from apps.billing.states import InvoiceState, RefundState
from apps.bookings.models import Adjustment, Booking, EventKind
from apps.bookings.moves import check_move
from apps.bookings.services.cancellation import Grounds, close_cancelled, read_grounds, settle_proof
from apps.bookings.services.journey import open_move
from apps.bookings.services.transition import lock, record
from apps.bookings.states import BookingStatus, CancelReason
from medivoy.core import clock, jobs
from medivoy.core.errors import GuardFailed, InvalidInput
from medivoy.core.money import ZERO, format_amount


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A cancelled booking: what is kept, what goes back, by which refunds. Not new: it was cancelled before."""

    booking: Booking
    kept: Decimal
    refund: Decimal
    refunds: tuple[Refund, ...]
    is_new: bool


def preview(booking: Booking, *, party: str = "", reason: str = "", actor: User | None = None) -> Terms:
    """Return what cancelling now would bring, rule by rule; writes nothing.

    `party` and `reason` choose the rule, not the actor's role; what the actor's role may leave out is filled in.
    Raises InvalidInput; IllegalMove where the actor (None: anybody) cannot cancel from here. Rule: domain.md,
    Cancellation.
    """
    grounds = read_grounds(actor, party=party, reason=reason) if actor else Grounds(party, reason)
    check_move(booking, BookingStatus.CANCELLED, actor=actor)
    return terms_of(booking, party=grounds.party, reason=grounds.reason)


@transaction.atomic
def cancel_booking(
    booking: Booking,
    *,
    actor: User,
    party: str = "",
    reason: str = "",
    expected_refund: Decimal | None = None,
    expected_status: str | None = None,
    expected_version: int | None = None,
    notes: str = "",
    internal_notes: str = "",
) -> Cancelled:
    """Cancel a booking: refunds by policy, the issued invoice credited, open payments withdrawn.

    `expected_refund` is what the asker saw: RefundChanged (409) where it no longer holds. A patient is always party
    patient (reason changed_mind where none is given), a hospital party hospital; another's party is InvalidInput. A
    cancelled one is returned as it is. Raises IllegalMove, StaleStatus, StaleVersion.
    """
    opened = open_move(
        booking,
        to=BookingStatus.CANCELLED,
        actor=actor,
        given={"party": party, "reason": reason},
        expected_status=expected_status,
        expected_version=expected_version,
    )
    if not opened.is_new:
        return _as_it_is(opened.booking)
    grounds = read_grounds(actor, party=party, reason=reason)
    terms = terms_of(opened.booking, party=grounds.party, reason=grounds.reason)
    if expected_refund is not None and expected_refund != terms.refund:
        raise RefundChanged(refund=format_amount(terms.refund, terms.currency), currency=terms.currency)
    booking = close_cancelled(
        opened.booking,
        actor=actor,
        party=terms.party,
        reason=terms.reason,
        amount_kept=terms.kept,
        proof_wanted=terms.refund_with_proof is not None,
        notes=notes,
        internal_notes=internal_notes,
    )
    _drop_requests(booking, actor)
    _absorb_adjustments(booking, actor)
    return _give_back(booking, terms.by_payment, kept=terms.kept, actor=actor)


@transaction.atomic
def accept_cancellation_proof(booking: Booking, *, actor: User, proof: str) -> Cancelled:
    """A coordinator has checked the document: the better share, all that was paid, goes back.

    `proof` says which document was seen. Raises InvalidInput, GuardFailed no_proof_wanted.
    """
    booking = _lock_for_proof(booking, proof, "proof")
    booking = settle_proof(booking, actor=actor, amount_kept=ZERO)
    record(booking, EventKind.DOCUMENT, actor=actor, internal_notes=proof, data={"proof": "accepted"})
    _drop_requests(booking, actor)
    lefts = refundable(booking)
    return _give_back(booking, share_out(sum((left.amount for left in lefts), ZERO), lefts), kept=ZERO, actor=actor)


@transaction.atomic
def refuse_cancellation_proof(booking: Booking, *, actor: User, reason: str) -> Booking:
    """The document does not prove the reason, or none came: the ordinary share stays.

    Raises InvalidInput, GuardFailed no_proof_wanted.
    """
    booking = _lock_for_proof(booking, reason, "reason")
    booking = settle_proof(booking, actor=actor, amount_kept=booking.amount_kept or ZERO)
    record(booking, EventKind.DOCUMENT, actor=actor, internal_notes=reason, data={"proof": "refused"})
    return booking


def _lock_for_proof(booking: Booking, text: str, field: str) -> Booking:
    if not text.strip():
        raise InvalidInput({field: [_("This is needed.")]})
    booking = lock(booking.pk)
    if not booking.cancel_proof_wanted:
        raise GuardFailed(_("No document is waited for."), code="no_proof_wanted")
    return booking


def _give_back(booking: Booking, shares: tuple[PaymentShare, ...], *, kept: Decimal, actor: User) -> Cancelled:
    """Write the refunds of a locked, cancelled booking, credit its invoice for what is not kept, withdraw what is
    open, and settle."""
    refunds = []
    for share in shares:
        share.payment.booking = booking
        reason = CancelReason(booking.cancel_reason).value
        refunds.append(write_refund(share.payment, amount=share.amount, actor=actor, reason=reason, is_by_policy=True))
    _credit(booking, kept=kept, actor=actor)
    _withdraw_open(booking, actor)
    settle(booking)
    refund = sum((share.amount for share in shares), ZERO)
    return Cancelled(booking, kept, refund, tuple(refunds), is_new=True)


def _as_it_is(booking: Booking) -> Cancelled:
    refunds = tuple(Refund.objects.committed().filter(booking=booking, is_by_policy=True))
    refund = sum((refund.amount for refund in refunds), ZERO)
    return Cancelled(booking, booking.amount_kept or ZERO, refund, refunds, is_new=False)


def _drop_requests(booking: Booking, actor: User) -> None:
    """Take back refunds that nobody approved yet: the policy now decides what goes back."""
    for refund in (
        Refund.objects.select_for_update(of=("self",))
        .filter(booking=booking, status=RefundState.REQUESTED)
        .select_related("payment")
    ):
        refund.booking = booking
        drop_request(refund, actor=actor, reason="cancelled")


def _absorb_adjustments(booking: Booking, actor: User) -> None:
    """Reverse what was adjusted of the agreed total: from now on the balance is about what is kept of what was paid,
    and the corrections of a total that nobody owes any more would stand in it twice."""
    rows = Adjustment.objects.filter(booking=booking).order_by("kind", "pk")
    for kind, members in groupby(rows, key=lambda row: row.kind):
        amount = sum((row.amount for row in members), ZERO)
        if amount:
            write_adjustment(booking, actor=actor, kind=kind, amount=-amount, reason="cancelled")


def _credit(booking: Booking, *, kept: Decimal, actor: User) -> None:
    """Credit the issued invoice for what is not kept."""
    invoice = Invoice.objects.filter(booking=booking).exclude(status=InvoiceState.VOID).first()
    if invoice is None:
        return
    amount = invoice.final_amount - credited(invoice) - kept
    if amount > 0:
        credit_invoice(invoice, amount=amount, reason=booking.cancel_reason, actor=actor)


def _withdraw_open(booking: Booking, actor: User) -> None:
    """Withdraw what is open: an announced bank transfer at once, the rest by a worker at its gateway.

    Money that somebody already counted stays until the second person has looked.
    """
    for payment in Payment.objects.open().select_for_update().filter(booking=booking):
        payment.booking = booking
        if not is_by_hand(payment.payment_gateway):
            payment.withdraw_since, payment.asked_at = clock.now(), None
            payment.save(update_fields=["withdraw_since", "asked_at"])
            jobs.after_commit("billing.withdraw_payments")
        elif not hasattr(payment, "bank_receipt"):
            cancel_payment(payment, actor=actor)
