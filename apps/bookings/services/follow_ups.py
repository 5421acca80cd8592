"""When a coordinator means to look at a case again."""

from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.bookings.models import Booking, EventKind, Visibility
from apps.bookings.services.transition import lock, record


@transaction.atomic
def set_follow_up(booking: Booking, *, at: datetime | None, note: str = "", actor: User) -> Booking:
    """Write when to look at the case again, and what for; None: no follow-up any more."""
    booking = lock(booking.pk)
    note = note if at else ""
    if (booking.follow_up_at, booking.follow_up_note) == (at, note):
        return booking
    booking.follow_up_at, booking.follow_up_note = at, note
    booking.save(update_fields=["follow_up_at", "follow_up_note"])
    record(
        booking,
        EventKind.NOTE,
        actor=actor,
        visibility=Visibility.STAFF,
        internal_notes=note,
        data={"follow_up_at": at.isoformat().replace("+00:00", "Z") if at else None},
    )
    return booking
