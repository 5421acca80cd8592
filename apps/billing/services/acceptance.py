"""A quotation is accepted: what was agreed is frozen, and the money that is owed for it begins."""

from typing import Any

from apps.bookings.models import Booking


def accept_quotation(
    booking: Booking,
    *,
    actor: Any,
    version: int | None = None,
    channel: str = "",
    proof: str = "",
    ip: str | None = None,
    language: str = "en",
    expected_status: str | None = None,
    expected_version: int | None = None,
    notes: str = "",
    internal_notes: str = "",
) -> Booking:
    """Accept version `version` (None: the only one ever sent) and let what is owed follow; return the booking fresh.

    A patient accepts for themselves; a coordinator on their behalf, with `channel` and `proof`. The version already
    accepted: nothing is written. Raises GuardFailed quotation_superseded, quotation_expired; InvalidInput.
    """
