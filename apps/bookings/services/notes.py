"""Notes and calls on the timeline."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.models import Booking, BookingEvent, EventKind, Visibility
from apps.bookings.policies import reads_staff_notes, visibilities_for
from apps.bookings.services.follow_ups import set_follow_up
from apps.bookings.services.transition import lock, record
from medivoy.core.errors import InvalidInput


@transaction.atomic
def add_note(
    booking: Booking, *, actor: User, notes: str = "", visibility: str = "", internal_notes: str = ""
) -> BookingEvent:
    """Write a note for whoever `visibility` names (by default as few as the actor can); internal notes for staff.

    Raises InvalidInput where there is nothing to write, or the actor cannot write for those readers.
    """
    booking = lock(booking.pk)
    visibility, internal_notes = _readers(actor, visibility), internal_notes if reads_staff_notes(actor) else ""
    if not notes and not internal_notes:
        raise InvalidInput({"notes": [_("A note is needed.")]})
    return record(
        booking, EventKind.NOTE, actor=actor, visibility=visibility, notes=notes, internal_notes=internal_notes
    )


@transaction.atomic
def log_call(
    booking: Booking,
    *,
    actor: User,
    answered: bool,
    notes: str = "",
    visibility: str = "",
    internal_notes: str = "",
    follow_up_at: datetime | None = None,
    follow_up_note: str = "",
) -> BookingEvent:
    """Write that somebody was called and whether they answered, and when to follow it up (staff only).

    Raises InvalidInput where the actor cannot write for those readers.
    """
    booking = lock(booking.pk)
    is_staff = reads_staff_notes(actor)
    event = record(
        booking,
        EventKind.CALL,
        actor=actor,
        visibility=_readers(actor, visibility),
        notes=notes,
        internal_notes=internal_notes if is_staff else "",
        data={"answered": answered},
    )
    if follow_up_at and is_staff:
        set_follow_up(booking, at=follow_up_at, note=follow_up_note, actor=actor)
    return event


def _readers(actor: User, visibility: str) -> str:
    possible = visibilities_for(actor)
    visibility = visibility or (possible[-1] if possible else Visibility.PATIENT.value)
    if visibility not in possible:
        raise InvalidInput({"visibility": [_("One of these: %(choices)s.") % {"choices": ", ".join(possible)}]})
    return visibility
