"""Which moves somebody can make from here, and why not the others: asked by the moves themselves and by whoever
lists them (the API's `allowed_transitions`, the console's buttons)."""

from typing import Any

from apps.accounts.models import User
from apps.bookings.guards import Refusal, refusal_of
from apps.bookings.models import Booking
from apps.bookings.states import BOOKING, BookingStatus
from medivoy.core.errors import IllegalMove, Refused


def is_return(booking: Booking, to: str) -> bool:
    """Whether the move ends the hold: back to where the booking was held from."""
    return booking.status == BookingStatus.ON_HOLD and to == booking.held_from


def targets_of(booking: Booking, user: User | None = None) -> list[str]:
    """Return where the booking can go from here, in the order of the states; with `user`, where their role moves it."""
    targets = BOOKING.targets(booking.status, user.user_type if user else None)
    if booking.status != BookingStatus.ON_HOLD:
        return targets
    return [to for to in targets if to in (booking.held_from, BookingStatus.CANCELLED)]


def check_role(user: User, booking: Booking, to: str) -> None:
    """Refuse a state to which the user's role makes no move from anywhere (the return from hold aside).

    A patient confirms by accepting the quotation, never by naming the state. Raises Refused.
    """
    role = user.user_type
    if to == BookingStatus.CONFIRMED and booking.patient.user_id == user.pk:
        raise Refused
    if is_return(booking, to) and role in BOOKING.between(BookingStatus.ON_HOLD, to)[0].roles:
        return
    if not any(m.target == to and role in m.roles and m.sources != (BookingStatus.ON_HOLD,) for m in BOOKING.moves):
        raise Refused


def check_move(booking: Booking, to: str, *, actor: User | None) -> None:
    """Refuse a move that the actor's role (None: the system) does not have from here. Raises IllegalMove."""
    allowed = targets_of(booking, actor)
    if to not in allowed:
        raise IllegalMove(current=booking.status, allowed=allowed)


def guard_of(booking: Booking, to: str) -> Refusal | None:
    """Return why the move cannot be made now, or None; the return from hold asks no guard again."""
    return None if is_return(booking, to) else refusal_of(booking, to)


def allowed_transitions(booking: Booking, user: User) -> list[dict[str, Any]]:
    """Return every move that the user's role has from here; those that are blocked say by what.

    Reads only rows of `Booking.objects.for_moves()`, so a page of bookings costs no more queries than one.
    """
    found = []
    for to in targets_of(booking, user):
        refusal = guard_of(booking, to)
        found.append(
            {
                "status": to,
                "label": BookingStatus(to).label,
                "allowed": refusal is None,
                "code": refusal.code if refusal else None,
                "reason": refusal.reason if refusal else None,
            }
        )
    return found
