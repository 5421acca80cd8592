"""A case put aside until a day, and taken up again. Written by journey.make_move."""

from datetime import date
from typing import Any

from apps.accounts.models import User
from apps.bookings.models import Booking
from apps.bookings.services.quotation_answers import expire_offer
from apps.bookings.services.transition import move
from apps.bookings.states import BookingStatus


def hold(
    booking: Booking,
    *,
    actor: User,
    reason: str,
    review_on: date,
    notes: str,
    internal_notes: str,
    **_given: Any,
) -> None:
    """Hold a locked booking until it is looked at again on `review_on`; reminders and expiry wait."""
    move(
        booking,
        BookingStatus.ON_HOLD,
        actor=actor,
        reason=reason,
        notes=notes,
        internal_notes=internal_notes,
        data={"review_on": review_on.isoformat()},
        held_from=booking.status,
        held_from_since=booking.status_since,
        hold_reason=reason,
        review_on=review_on,
    )


def resume(booking: Booking, *, actor: User, notes: str, internal_notes: str, **_given: Any) -> None:
    """Take a held, locked booking back to the state it came from, as if it had never left it.

    No guard is asked again and no date is shifted: what ran out meanwhile takes effect now.
    """
    move(
        booking,
        booking.held_from,
        actor=actor,
        notes=notes,
        internal_notes=internal_notes,
        status_since=booking.held_from_since or booking.status_since,
        hold_reason="",
        review_on=None,
    )
    expire_offer(booking)
