"""THE door for a booking's status: each move with all that follows from it in money, for the API and the admin."""

from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.billing.services.cancellation import cancel_booking
from apps.billing.services.settlement import settle
from apps.bookings.models import Booking
from apps.bookings.services.journey import make_move
from apps.bookings.states import AGREED, BookingStatus

# What of the caller's words concerns a cancellation.
CANCELLATION = ("party", "reason", "expected_refund")


@transaction.atomic
def move_booking(
    booking: Booking,
    *,
    to: str,
    actor: User,
    expected_status: str | None = None,
    expected_version: int | None = None,
    notes: str = "",
    internal_notes: str = "",
    **given: Any,
) -> Booking:
    """Move a booking to `to` and do all that follows from it; return it fresh.

    `given`: awaiting_medical_details wanted; rejected reason; on_hold reason, review_on; cancelled party, reason,
    expected_refund; travel_arrangement override_reason; in_treatment admitted_on, override_reason; completed
    discharged_on, outcome; confirmed version, channel, proof. Keys of other moves are ignored.
    Asked in this order: StaleVersion, StaleStatus; InvalidInput; Refused where the role makes no move to `to` from
    any state; the present state again (nothing is written); IllegalMove; GuardFailed. Rule: contract.md, PATCH
    /bookings/:id/status.
    """
    seen: dict[str, Any] = {"expected_status": expected_status, "expected_version": expected_version}
    texts: dict[str, Any] = {"notes": notes, "internal_notes": internal_notes}
    if to == BookingStatus.CANCELLED:
        grounds = {name: given[name] for name in CANCELLATION if given.get(name) is not None}
        return cancel_booking(booking, actor=actor, **grounds, **seen, **texts).booking
    made = make_move(booking, to=to, actor=actor, **seen, **texts, **given)
    if made.is_new and made.booking.status in AGREED:
        settle(made.booking)
    return made.booking
