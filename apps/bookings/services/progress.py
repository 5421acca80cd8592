"""Moves that facts make by themselves. All take the locked booking at hand and change it in place."""

from datetime import datetime

from apps.accounts.models import User
from apps.bookings.guards import refusal_of
from apps.bookings.models import Booking
from apps.bookings.services.transition import move, refresh_waiting
from apps.bookings.states import BOOKING, BookingStatus
from medivoy.core.states import SYSTEM

# What money brings about, each tried once, in this order.
BY_MONEY = (BookingStatus.PAYMENT_PENDING, BookingStatus.PAYMENT_COMPLETED)


def advance(booking: Booking) -> list[str]:
    """Make the moves that the balance brings about, and return the states that it went to.

    confirmed → payment_pending where something is owed, either → payment_completed where nothing is. A held case
    stays: what money would have moved follows on resuming.
    """
    reached = []
    for to in BY_MONEY:
        if to in BOOKING.targets(booking.status, SYSTEM) and refusal_of(booking, to) is None:
            move(booking, to, actor=None)
            reached.append(to.value)
    return reached


def note_invoice(booking: Booking, issued_at: datetime | None) -> None:
    """Write when the invoice was issued; None once it is credited in full."""
    booking.invoiced_at = issued_at
    booking.save(update_fields=["invoiced_at"])
    refresh_waiting(booking)


def invoice_was_sent(booking: Booking, *, actor: User | None = None) -> bool:
    """Move payment_completed → invoice_sent where the invoice is issued; return whether it did."""
    if booking.status != BookingStatus.PAYMENT_COMPLETED or refusal_of(booking, BookingStatus.INVOICE_SENT):
        return False
    move(booking, BookingStatus.INVOICE_SENT, actor=actor)
    return True
