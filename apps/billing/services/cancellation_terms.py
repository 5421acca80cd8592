"""What cancelling a booking brings: the rule, the share that goes back, and from which payment. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from apps.billing.models import Payment, Refund
from apps.bookings.models import Booking, CancellationPolicy
from apps.bookings.states import CancelReason, Party
from medivoy.core.money import ZERO, round_down_to_step

ALL = Decimal(100)
# Reasons that give everything back once a coordinator has checked the document that proves them.
PROVABLE = (CancelReason.VISA_REFUSED, CancelReason.MEDICALLY_UNFIT)


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One step of the policy: from `min_days` before admission on, `percent` of what was paid goes back."""

    min_days: int
    percent: Decimal
    applies: bool


@dataclass(frozen=True, slots=True)
class PaymentShare:
    """What goes back to one payment, in its currency."""

    payment: Payment
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """What a cancellation brings, before it is done; amounts in `currency`.

    `paid` is what was paid and has not gone back and is not on its way. `refund_with_proof` is None where no document
    could better the refund.
    """

    party: str
    reason: str
    currency: str
    policy_name: str
    rules: tuple[PolicyRule, ...]
    confirmed_date: date | None
    days_before: int | None
    percent: Decimal
    paid: Decimal
    kept: Decimal
    refund: Decimal
    by_payment: tuple[PaymentShare, ...]
    refund_with_proof: Decimal | None


def terms_of(booking: Booking, *, party: str, reason: str) -> Terms:
    """Return the terms on which the booking is cancelled today (at the hospital) on these grounds.

    The policy as agreed, else the hospital's, else the platform's. Rule: domain.md, Cancellation.
    """
    policy = booking.policy_agreed or CancellationPolicy.agreed_with(booking.hospital)
    days = (booking.confirmed_date - booking.local_today()).days if booking.confirmed_date else None
    rules = _rules(policy["tiers"], days if party == Party.PATIENT else None)
    percent = next((rule.percent for rule in rules if rule.applies), ZERO) if party == Party.PATIENT else ALL
    if party == Party.PATIENT and days is None:
        percent = ALL
    lefts = refundable(booking)
    paid = sum((share.amount for share in lefts), ZERO)
    refund = paid if percent == ALL else round_down_to_step(paid * percent / 100, booking.currency)
    # What was paid beyond the agreed total was never the hospital's to keep.
    refund = max(refund, paid - max((booking.total_amount or ZERO) - booking.amount_adjusted, ZERO))
    is_provable = party == Party.PATIENT and reason in PROVABLE and refund < paid
    return Terms(
        party=party,
        reason=reason,
        currency=booking.currency,
        policy_name=policy["name"],
        rules=rules,
        confirmed_date=booking.confirmed_date,
        days_before=days,
        percent=percent,
        paid=paid,
        kept=paid - refund,
        refund=refund,
        by_payment=share_out(refund, lefts),
        refund_with_proof=paid if is_provable else None,
    )


def _rules(tiers: Sequence[dict[str, str | int]], days: int | None) -> tuple[PolicyRule, ...]:
    """Return the steps of a policy, the earliest first; the first one that `days` reaches applies, None: none."""
    rules, found = [], days is None
    for tier in sorted(tiers, key=lambda tier: -int(tier["min_days"])):
        applies = not found and days is not None and days >= int(tier["min_days"])
        found = found or applies
        rules.append(PolicyRule(int(tier["min_days"]), Decimal(tier["percent"]), applies))
    return tuple(rules)


def refundable(booking: Booking) -> tuple[PaymentShare, ...]:
    """Return what is left of each completed payment, newest first; refunds that are decided count as gone."""
    gone = dict(
        Refund.objects.committed()
        .filter(booking=booking)
        .order_by()
        .values_list("payment")
        .annotate(total=Sum("amount"))
    )
    payments = Payment.objects.completed().filter(booking=booking).newest_first()
    lefts = [PaymentShare(payment, payment.amount - gone.get(payment.pk, ZERO)) for payment in payments]
    return tuple(share for share in lefts if share.amount > 0)


def share_out(amount: Decimal, lefts: Sequence[PaymentShare]) -> tuple[PaymentShare, ...]:
    """Return from which payments `amount` goes back: the newest first, each as far as it reaches."""
    shares = []
    for left in lefts:
        part = min(left.amount, amount)
        if part > 0:
            shares.append(PaymentShare(left.payment, part))
            amount -= part
    return tuple(shares)
