"""A quotation goes out. Written by journey.make_move."""

from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.guards import current_offer, next_draft
from apps.bookings.models import Booking
from apps.bookings.services.quotation_answers import close, facts_of
from apps.bookings.services.transition import move
from apps.bookings.states import QUOTATION, BookingStatus, QuotationStatus
from medivoy.core import clock
from medivoy.core.errors import GuardFailed


def send_quotation(booking: Booking, *, actor: User, notes: str, internal_notes: str, **_given: Any) -> None:
    """Send the newest draft of a locked booking; the version that was out is superseded.

    Raises GuardFailed nothing_to_send.
    """
    draft, offer = next_draft(booking), current_offer(booking)
    if draft is None:
        raise GuardFailed(_("A draft is needed."), code="nothing_to_send")
    if offer is not None:
        close(offer, QuotationStatus.SUPERSEDED)
    QUOTATION.check(draft.status, QuotationStatus.SENT)
    draft.status, draft.sent_at = QuotationStatus.SENT, clock.now()
    draft.save(update_fields=["status", "sent_at"])
    move(
        booking,
        BookingStatus.QUOTATION_SENT,
        actor=actor,
        notes=notes,
        internal_notes=internal_notes,
        data=facts_of(draft),
    )
