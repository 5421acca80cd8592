"""What follows from any change of money: the booking's amounts, its milestones, its moves and its invoice."""

from typing import Any

from apps.bookings.models import Booking


def settle(booking: Booking, *, actor: Any = None) -> None:
    """Bring a locked booking up to its rows of money: amounts, payment status, milestones, moves, invoice.

    Everything is computed from the rows, so calling it again changes nothing. On hold the money is booked and the
    moves wait for resuming.
    """
