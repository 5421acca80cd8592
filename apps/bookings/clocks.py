"""How long a case may wait, as data: state × whom it waits on → hours to amber and to red, in elapsed hours.

A case whose end is a date (a payment, an admission, a review) takes the date instead: see waiting.py.
"""

from dataclasses import dataclass

from apps.bookings.states import BookingStatus as S
from apps.bookings.states import WaitingOn as W


@dataclass(frozen=True, slots=True)
class Clock:
    """Hours since it began to wait until it turns amber, then red."""

    amber: int
    red: int


DAY = 24
DEFAULT = Clock(12, DAY)

CLOCKS: dict[tuple[str, str], Clock] = {
    (S.REQUESTED, W.COORDINATOR): Clock(2, 4),
    (S.UNDER_REVIEW, W.HOSPITAL): Clock(12, DAY),
    (S.ACCEPTED, W.COORDINATOR): Clock(DAY, 2 * DAY),
    (S.AWAITING_MEDICAL_DETAILS, W.PATIENT): Clock(3 * DAY, 7 * DAY),
    # The documents are complete: a quotation within 48 hours.
    (S.AWAITING_MEDICAL_DETAILS, W.COORDINATOR): Clock(DAY, 2 * DAY),
    (S.QUOTATION_SENT, W.PATIENT): Clock(3 * DAY, 5 * DAY),
    (S.TRAVEL_ARRANGEMENT, W.COORDINATOR): Clock(2 * DAY, 4 * DAY),
    (S.TRAVEL_ARRANGEMENT, W.EMBASSY): Clock(7 * DAY, 14 * DAY),
    (S.COMPLETED, W.PAYER): Clock(3 * DAY, 7 * DAY),
}


def clock_for(status: str, party: str) -> Clock:
    """Return the clock of a case in `status` that waits on `party`."""
    return CLOCKS.get((status, party), DEFAULT)
