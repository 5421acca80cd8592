"""What a move answers."""

from dataclasses import dataclass

from apps.bookings.models import Booking


@dataclass(frozen=True, slots=True)
class MadeMove:
    """The booking after it was asked to move, from which state, and whether anything was written."""

    booking: Booking
    source: str
    is_new: bool
