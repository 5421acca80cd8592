"""THE door for a booking's status: each move with all that follows from it in money, for the API and the admin."""

from typing import Any

from apps.bookings.models import Booking


def move_booking(
    booking: Booking,
    *,
    to: str,
    actor: Any,
    expected_status: str | None = None,
    expected_version: int | None = None,
    notes: str = "",
    internal_notes: str = "",
    **per_move: Any,
) -> Booking:
    """Move a booking to `to` and do all that follows from it; return it fresh.

    `per_move`: awaiting_medical_details wanted; rejected reason; on_hold reason, review_on; cancelled party, reason,
    expected_refund; travel_arrangement override_reason; in_treatment admitted_on, override_reason; completed
    discharged_on, outcome; confirmed version, channel, proof. Keys of other moves are ignored.
    Asked in this order: StaleStatus, the present state again (nothing is written), InvalidInput, Refused where the
    role makes no move to `to` from any state, IllegalMove, the guards. Rule: contract.md, PATCH /bookings/:id/status.
    """
