"""A quotation is accepted: what was agreed is frozen, and the money that is owed for it begins."""

from django.db import transaction

from apps.accounts.models import User
from apps.billing.services.settlement import settle
from apps.bookings.models import Booking
from apps.bookings.services import acceptance


@transaction.atomic
def accept_quotation(
    booking: Booking,
    *,
    actor: User,
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
    accepted: nothing is written. Raises GuardFailed quotation_superseded, quotation_expired; InvalidInput; IllegalMove.
    """
    made = acceptance.accept_quotation(
        booking,
        actor=actor,
        version=version,
        channel=channel,
        proof=proof,
        ip=ip,
        language=language,
        expected_status=expected_status,
        expected_version=expected_version,
        notes=notes,
        internal_notes=internal_notes,
    )
    if made.is_new:
        settle(made.booking)
    return made.booking
