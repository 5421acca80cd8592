"""Corrections of what is owed, each with its reason: bank fees, rounding, goodwill, write-offs."""

from decimal import Decimal
from typing import Any

from apps.bookings.models import Adjustment, Booking


def adjust(booking: Booking, *, actor: Any, kind: str, amount: Decimal, reason: str) -> Adjustment:
    """Lower (positive `amount`) or raise (negative) what is owed, in the booking's currency.

    A coordinator up to a limit, above it an admin: Refused. Raises InvalidInput; GuardFailed nothing_agreed.
    """
