"""The few steps that every change of a case is made of: lock, move, record, say whose turn it is."""

from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.bookings.models import Booking, BookingEvent, EventKind, Visibility
from apps.bookings.services.news import tell_of_move
from apps.bookings.states import BOOKING, ENDED, BookingStatus
from apps.bookings.waiting import derive, facts_of
from medivoy.core import clock
from medivoy.core.errors import IllegalMove, Missing, StaleStatus, StaleVersion


def lock(booking_id: UUID, *, expected_status: str | None = None, expected_version: int | None = None) -> Booking:
    """Lock the booking's row until the transaction ends and return it fresh.

    Raises Missing; StaleVersion where `If-Match` no longer holds; StaleStatus where `expected_status` does not.
    """
    booking = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("hospital__admin_user", "patient__user", "coordinator", "doctor__user")
        .filter(pk=booking_id)
        .first()
    )
    if booking is None:
        raise Missing
    if expected_version is not None and booking.version != expected_version:
        raise StaleVersion
    if expected_status is not None and booking.status != expected_status:
        raise StaleStatus(details={"current": booking.status})
    return booking


def move(
    booking: Booking,
    to: str,
    *,
    actor: User | None,
    reason: str = "",
    notes: str = "",
    internal_notes: str = "",
    data: dict[str, Any] | None = None,
    **changes: Any,
) -> BookingEvent:
    """Move a locked booking to the state `to`, write `changes` with it, put it on the timeline, tell its people.

    The guards of the single moves are asked before; that the table has the move is checked here. `actor` is None
    for the system. Raises IllegalMove.
    """
    source = booking.status
    BOOKING.check(source, to)
    if source == BookingStatus.ON_HOLD and to not in (booking.held_from, BookingStatus.CANCELLED):
        raise IllegalMove(current=source, allowed=[booking.held_from, BookingStatus.CANCELLED.value])
    now = clock.now()
    standard = {
        "status": to,
        "status_since": now,
        "held_from": "",
        "held_from_since": None,
        "closed_at": (booking.closed_at or now) if to in ENDED else None,
    }
    changes = standard | changes
    for name, value in changes.items():
        setattr(booking, name, value)
    booking.save(update_fields=list(changes))
    event = BookingEvent.objects.create(
        booking=booking,
        kind=EventKind.MOVED,
        actor=actor,
        from_status=source,
        to_status=to,
        reason=reason,
        notes=notes,
        internal_notes=internal_notes,
        data=data or {},
    )
    refresh_waiting(booking)
    tell_of_move(booking, source=source, actor=actor)
    return event


def record(
    booking: Booking,
    kind: str,
    *,
    actor: User | None,
    visibility: str = Visibility.PATIENT,
    reason: str = "",
    notes: str = "",
    internal_notes: str = "",
    data: dict[str, Any] | None = None,
    id: UUID | None = None,  # noqa: A002 - the row's own name for it
) -> BookingEvent:
    """Put an event on the timeline of a booking without moving it."""
    return BookingEvent.objects.create(
        **({"id": id} if id else {}),
        booking=booking,
        kind=kind,
        visibility=visibility,
        actor=actor,
        reason=reason,
        notes=notes,
        internal_notes=internal_notes,
        data=data or {},
    )


def refresh_waiting(booking: Booking) -> None:
    """Write whom the case waits on, from its facts. Every service that writes a case ends with this."""
    turn = derive(facts_of(booking))
    present = (booking.waiting_on, booking.waiting_since, booking.amber_at, booking.due_at)
    if present == (turn.party, turn.since, turn.amber_at, turn.due_at):
        return
    booking.waiting_on, booking.waiting_since = turn.party, turn.since
    booking.amber_at, booking.due_at = turn.amber_at, turn.due_at
    booking.save(update_fields=["waiting_on", "waiting_since", "amber_at", "due_at"])
