"""Cancelling a booking: which share goes back, by which rule, from which payment."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from apps.billing.models import Payment, Refund
from apps.bookings.models import Booking


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One step of the policy: from `min_days` before admission on, `percent` of what was paid goes back."""

    min_days: int
    percent: Decimal
    applies: bool


@dataclass(frozen=True, slots=True)
class PaymentShare:
    """What goes back to one payment."""

    payment: Payment
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """What a cancellation brings, before it is done; amounts in `currency`."""

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
    # The refund once a coordinator has checked the document that proves the reason; None where none is wanted.
    refund_with_proof: Decimal | None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A booking just cancelled, on which terms, and the refunds that were made of it."""

    booking: Booking
    terms: Terms
    refunds: tuple[Refund, ...]


def preview(booking: Booking, *, party: str, reason: str) -> Terms:
    """Return what cancelling now would bring, rule by rule; writes nothing.

    `party` and `reason` choose the rule, not the actor's role. Raises InvalidInput for unknown ones, IllegalMove
    where the booking cannot be cancelled any more. Rule: domain.md, Cancellation.
    """


def cancel_booking(
    booking: Booking,
    *,
    actor: Any,
    party: str,
    reason: str,
    expected_refund: Decimal | None = None,
    expected_status: str | None = None,
    expected_version: int | None = None,
    notes: str = "",
    internal_notes: str = "",
) -> Cancelled:
    """Cancel a booking: refunds by policy, the issued invoice credited, open payments withdrawn.

    `expected_refund` is what the asker saw: RefundChanged (409) where it no longer holds. A patient is always party
    patient, a hospital party hospital; another's party is InvalidInput. Raises IllegalMove, StaleStatus, StaleVersion.
    """


def accept_cancellation_proof(booking: Booking, *, actor: Any, proof: str) -> Cancelled:
    """A coordinator has checked the document: the better share, all that was paid, goes back.

    `proof` says which document was seen. Raises GuardFailed no_proof_wanted.
    """


def refuse_cancellation_proof(booking: Booking, *, actor: Any, reason: str) -> Booking:
    """The document does not prove the reason, or none came: the ordinary share stays. Raises GuardFailed."""
