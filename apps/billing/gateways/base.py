"""What every payment gateway must be able to do, and the plain data that crosses the border.

docs/adr/0006-one-protocol-for-gateways.md tries this on paper against Stripe and Razorpay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from medivoy.core.errors import InvalidInput


class ReportedState(StrEnum):
    """How a payment or a refund stands, as the gateway says."""

    OPEN = "open"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Subject(StrEnum):
    """What a piece of news is about."""

    PAYMENT = "payment"
    REFUND = "refund"


class GatewayError(Exception):
    """The gateway did not do it. `permanent`: it refused, and asking again is of no use; else it was out of reach."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class BadSignature(InvalidInput):
    """A webhook that the gateway did not sign, or signed too long ago."""

    code = "bad_signature"
    message = _("The signature of this webhook is not valid.")


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """What we want paid. `id` is the idempotency key: the same order started twice is one payment at the gateway."""

    id: UUID
    number: str
    amount: Decimal
    currency: str
    description: str
    payer_email: str
    payer_name: str
    language: str


@dataclass(frozen=True, slots=True)
class StartedPayment:
    """The gateway's name for the attempt, and what the payer's client needs to pay (checkout_url, client_secret …)."""

    reference: str
    client_data: dict[str, str]


@dataclass(frozen=True, slots=True)
class Reported:
    """How a payment stands. Amount and currency are the gateway's own, to be compared with ours."""

    state: ReportedState
    amount: Decimal
    currency: str
    capture_reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What we want sent back. `id` is the idempotency key."""

    id: UUID
    number: str
    payment_reference: str
    capture_reference: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class ReportedRefund:
    """How a refund stands, and the gateway's name for it."""

    state: ReportedState
    amount: Decimal
    currency: str
    reference: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GatewayNews:
    """One event of a webhook. `reference` is a payment's or a refund's at the gateway, as `subject` says."""

    event_id: str
    type: str
    subject: Subject
    reference: str
    state: ReportedState
    amount: Decimal
    currency: str
    occurred_at: datetime
    capture_reference: str = ""
    payload: dict[str, Any] = field(default_factory=dict)


class Gateway(Protocol):
    """A way to be paid. Every method talks to the outside and is never called inside an open transaction.

    All but `read_webhook` raise GatewayError; each has a time-out of its own (settings.GATEWAY_TIMEOUT).
    """

    code: str
    # Nobody on the other side answers: people confirm its payments and send its refunds.
    is_by_hand: bool

    def start(self, order: PaymentOrder) -> StartedPayment:
        """Begin a payment, or return the one that this order began before."""
        ...

    def look_up(self, reference: str) -> Reported:
        """Ask how a payment stands."""
        ...

    def cancel(self, reference: str) -> Reported:
        """Withdraw a payment that is not yet made; the answer says how it stands now, which may be completed."""
        ...

    def refund(self, order: RefundOrder) -> ReportedRefund:
        """Send money back, or return the refund that this order made before."""
        ...

    def look_up_refund(self, reference: str, payment_reference: str) -> ReportedRefund:
        """Ask how a refund stands."""
        ...

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> list[GatewayNews]:
        """Check the signature over the raw body, then read it; news that do not concern us are left out.

        Raises BadSignature, and InvalidInput for a signed body that is no webhook.
        """
        ...
