"""Attempts to pay: one open at a time, for what is due, at a gateway that is never called inside a transaction."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.billing.models import Payment
from apps.bookings.models import Booking


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt to pay, and whether this call made it (201) or found it (200)."""

    payment: Payment
    is_new: bool


def start_payment(
    booking: Booking,
    *,
    actor: Any,
    gateway: str,
    amount: Decimal | None = None,
    currency: str | None = None,
    method: str = "",
    payment_id: UUID | None = None,
) -> Started:
    """Begin to pay `amount` (None: the next milestone) in the booking's currency at `gateway`.

    Call it outside of any transaction: the gateway is called between two. `payment_id` makes a retry resume the same
    attempt. Raises InvalidInput amount_not_due (400), InvalidInput for another currency or gateway, PaymentInProgress
    (409), Unavailable gateway_unavailable (503, the payment stays pending), GatewayRefused (409).
    """


def ask_gateway(payment: Payment) -> Payment:
    """Ask the gateway how an open payment stands, book what it says, and return the payment fresh.

    Call it outside of any transaction. A gateway that does not answer changes nothing.
    """
