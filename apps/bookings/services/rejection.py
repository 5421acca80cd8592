"""The hospital cannot take the case on. Written by journey.make_move."""

from typing import Any

from apps.accounts.models import User
from apps.bookings.models import Booking
from apps.bookings.services.quotation_answers import withdraw_offer
from apps.bookings.services.transition import move
from apps.bookings.states import BookingStatus
from apps.clinical.services.consents import end_after


def reject_request(
    booking: Booking, *, actor: User, reason: str, notes: str, internal_notes: str, **_given: Any
) -> None:
    """Turn a locked booking down with a reason; a quotation that was out is withdrawn and the consent runs out."""
    withdraw_offer(booking, actor=actor)
    move(booking, BookingStatus.REJECTED, actor=actor, reason=reason, notes=notes, internal_notes=internal_notes)
    end_after(booking, ended_at=booking.status_since)
