"""Every move that a person makes, in one place: refused in the contract's order, then written.

What a move brings in money is billing's, which calls this: apps/billing/services/journey.py.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.bookings.guards import next_draft
from apps.bookings.models import Booking
from apps.bookings.moves import check_move, check_role, guard_of, is_return
from apps.bookings.policies import can_override
from apps.bookings.services.acceptance import accept_quotation
from apps.bookings.services.details import ask_for_details
from apps.bookings.services.hold import hold, resume
from apps.bookings.services.inputs import check_given
from apps.bookings.services.outcomes import MadeMove
from apps.bookings.services.rejection import reject_request
from apps.bookings.services.sending import send_quotation
from apps.bookings.services.transition import lock, move
from apps.bookings.services.treatment import admit, complete, start_travel
from apps.bookings.states import BookingStatus


def open_move(
    booking: Booking,
    *,
    to: str,
    actor: User,
    given: Mapping[str, Any],
    expected_status: str | None = None,
    expected_version: int | None = None,
) -> MadeMove:
    """Lock the booking and refuse, in the contract's order, what cannot be moved to `to` by this actor.

    StaleVersion, StaleStatus; InvalidInput for what `given` lacks; Refused where the role makes no such move at all;
    the present state again is no error: `is_new` is False and nothing is to be written; IllegalMove. Guards come
    after. Rule: contract.md, PATCH /bookings/:id/status.
    """
    booking = lock(booking.pk, expected_status=expected_status, expected_version=expected_version)
    if not is_return(booking, to):
        check_given(booking, to, actor=actor, given=given)
    check_role(actor, booking, to)
    if asks_for_nothing_new(booking, to):
        return MadeMove(booking, booking.status, is_new=False)
    check_move(booking, to, actor=actor)
    return MadeMove(booking, booking.status, is_new=True)


def asks_for_nothing_new(booking: Booking, to: str) -> bool:
    """Whether the booking is in that state already; a draft newer than what was sent is something new."""
    has_draft = to == BookingStatus.QUOTATION_SENT and next_draft(booking) is not None
    return booking.status == to and not has_draft


@transaction.atomic
def make_move(
    booking: Booking,
    *,
    to: str,
    actor: User,
    expected_status: str | None = None,
    expected_version: int | None = None,
    notes: str = "",
    internal_notes: str = "",
    **given: Any,
) -> MadeMove:
    """Make any move by hand but the one to cancelled (billing's cancel_booking).

    `given`: awaiting_medical_details wanted; rejected reason; on_hold reason, review_on; travel_arrangement
    override_reason; in_treatment admitted_on, override_reason; completed discharged_on, outcome; confirmed version,
    channel, proof, ip, language. Keys of other moves are ignored.
    Raises what open_move raises, then GuardFailed with the guard's own code.
    """
    given = {name: value for name, value in given.items() if value is not None}
    opened = open_move(
        booking,
        to=to,
        actor=actor,
        given=given | {"notes": notes},
        expected_status=expected_status,
        expected_version=expected_version,
    )
    if not opened.is_new:
        return opened
    booking, is_back = opened.booking, is_return(opened.booking, to)
    if to == BookingStatus.CONFIRMED and not is_back:
        terms = {name: given[name] for name in ("version", "channel", "proof", "ip", "language") if name in given}
        return accept_quotation(booking, actor=actor, notes=notes, internal_notes=internal_notes, **terms)
    given["override_reason"] = _pass_guard(booking, to, actor=actor, override=given.get("override_reason", ""))
    write = resume if is_back else WRITES[to]
    write(booking, actor=actor, notes=notes, internal_notes=internal_notes, **given)
    return opened


def _pass_guard(booking: Booking, to: str, *, actor: User, override: str) -> str:
    """Ask the guard; return the reason with which it was passed in an emergency, empty where it was not needed."""
    refusal = guard_of(booking, to)
    if refusal is None:
        return ""
    if override and can_override(actor, booking, to):
        return override
    raise refusal.as_error()


def _plain(to: str) -> Callable[..., None]:
    """Return the writing of a move that changes nothing but the state."""

    def write(booking: Booking, *, actor: User, notes: str, internal_notes: str, **_given: Any) -> None:
        move(booking, to, actor=actor, notes=notes, internal_notes=internal_notes)

    return write


WRITES: dict[str, Callable[..., None]] = {
    BookingStatus.UNDER_REVIEW: _plain(BookingStatus.UNDER_REVIEW),
    BookingStatus.ACCEPTED: _plain(BookingStatus.ACCEPTED),
    BookingStatus.REJECTED: reject_request,
    BookingStatus.AWAITING_MEDICAL_DETAILS: ask_for_details,
    BookingStatus.QUOTATION_SENT: send_quotation,
    BookingStatus.INVOICE_SENT: _plain(BookingStatus.INVOICE_SENT),
    BookingStatus.TRAVEL_ARRANGEMENT: start_travel,
    BookingStatus.IN_TREATMENT: admit,
    BookingStatus.COMPLETED: complete,
    BookingStatus.FEEDBACK_RECEIVED: _plain(BookingStatus.FEEDBACK_RECEIVED),
    BookingStatus.ON_HOLD: hold,
}
