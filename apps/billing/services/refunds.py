"""Money on its way back: asked for, approved, brought to the gateway by a worker, completed."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.billing.models import Payment, Refund


def request_refund(
    payment: Payment, *, actor: Any, amount: Decimal | None = None, reason: str = "", refund_id: UUID | None = None
) -> Refund:
    """Ask for `amount` (None: all that is left) of a completed payment back.

    What is owed to the payer (a negative balance) is by policy and approved by itself; more waits for another person
    with role A. Raises GuardFailed not_refundable, refund_too_much (details: left).
    """


def approve_refund(refund: Refund, *, actor: Any) -> Refund:
    """Approve a refund beyond policy; a worker brings it to the gateway. Raises SecondPersonNeeded, IllegalMove."""


def reject_refund(refund: Refund, *, actor: Any, reason: str) -> Refund:
    """Refuse a refund that waits for approval. Raises IllegalMove."""


def retry_refund(refund: Refund, *, actor: Any) -> Refund:
    """Bring a failed refund to the gateway once more. Raises IllegalMove."""


def complete_by_hand(refund: Refund, *, actor: Any, reference: str) -> Refund:
    """A coordinator has sent the money back by bank, under `reference`. Raises GuardFailed, IllegalMove."""
