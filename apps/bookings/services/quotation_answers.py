"""What becomes of a version that is out: declined, expired, withdrawn. Acceptance has a file of its own."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.guards import current_offer
from apps.bookings.models import Booking, EventKind, Quotation
from apps.bookings.services.news import tell
from apps.bookings.services.transition import lock, record, refresh_waiting
from apps.bookings.states import QUOTATION, BookingStatus, QuotationStatus
from medivoy.core import clock
from medivoy.core.errors import GuardFailed, InvalidInput

# Zones reach 14 hours ahead of UTC: so early can a version's last day be over.
ZONE_AHEAD = timedelta(hours=14)


def version_asked(booking: Booking, version: int | None) -> Quotation | None:
    """Return the sent version that `version` names; None where none was ever sent.

    Without a number, the only one that was ever sent. Raises InvalidInput on version.
    """
    sent = [quotation for quotation in booking.quotations.all() if quotation.sent_at]
    if version is None and len(sent) > 1:
        raise InvalidInput({"version": [_("More than one version was sent: say which one.")]})
    found = [quotation for quotation in sent if version in (None, quotation.version_number)]
    if sent and not found:
        raise InvalidInput({"version": [_("There is no such version.")]})
    if not found:
        return None
    found[0].booking = booking
    return found[0]


def refuse_unless_current(quotation: Quotation) -> None:
    """Refuse to answer a version that has run out, or that is not the current one. Raises GuardFailed."""
    is_out = quotation.status == QuotationStatus.SENT
    if quotation.status == QuotationStatus.EXPIRED or (is_out and quotation.has_expired()):
        raise GuardFailed(_("This quotation has expired."), code="quotation_expired")
    if not is_out:
        raise GuardFailed(_("This is not the current quotation."), code="quotation_superseded")


def close(quotation: Quotation, to: str, *, reason: str = "") -> None:
    """Put a version that is out into the state `to`, with the time. Raises IllegalMove."""
    QUOTATION.check(quotation.status, to)
    quotation.status, quotation.closed_at, quotation.decline_reason = to, clock.now(), reason
    quotation.save(update_fields=["status", "closed_at", "decline_reason"])


@transaction.atomic
def decline_quotation(booking: Booking, *, actor: User, reason: str, version: int | None = None) -> Quotation:
    """Decline the current version with a reason; the case then waits on its coordinator, who is told.

    The version already declined is returned as it is. Raises InvalidInput; GuardFailed quotation_superseded,
    quotation_expired.
    """
    booking = lock(booking.pk)
    quotation = version_asked(booking, version)
    if quotation is None:
        raise GuardFailed(_("This is not the current quotation."), code="quotation_superseded")
    if quotation.status == QuotationStatus.DECLINED:
        return quotation
    refuse_unless_current(quotation)
    if not reason:
        raise InvalidInput({"reason": [_("A reason is needed.")]})
    close(quotation, QuotationStatus.DECLINED, reason=reason)
    record(booking, EventKind.QUOTATION, actor=actor, reason=reason, data=facts_of(quotation))
    refresh_waiting(booking)
    tell(booking, "quotation_declined", actor=actor)
    return quotation


def withdraw_offer(booking: Booking, *, actor: User | None) -> None:
    """Withdraw the version that is out, if there is one, from a locked booking that moves on without it."""
    offer = current_offer(booking)
    if offer is None:
        return
    close(offer, QuotationStatus.WITHDRAWN)
    record(booking, EventKind.QUOTATION, actor=actor, data=facts_of(offer))


def expire_offer(booking: Booking) -> bool:
    """Let the version that is out expire where its time has run out, on a locked booking; return whether it did.

    A held case waits: what has passed takes effect on resuming.
    """
    offer = current_offer(booking)
    if offer is None or booking.status != BookingStatus.QUOTATION_SENT:
        return False
    offer.booking = booking
    if not offer.has_expired():
        return False
    close(offer, QuotationStatus.EXPIRED)
    record(booking, EventKind.QUOTATION, actor=None, data=facts_of(offer))
    refresh_waiting(booking)
    tell(booking, "quotation_expired")
    return True


def perhaps_run_out() -> QuerySet[Booking, UUID]:
    """Return the ids of bookings whose quotation may have run out by now; expire_offer decides."""
    return Booking.objects.filter(
        status=BookingStatus.QUOTATION_SENT,
        quotations__status=QuotationStatus.SENT,
        quotations__valid_until__lt=(clock.now() + ZONE_AHEAD).date(),
    ).values_list("pk", flat=True)


def facts_of(quotation: Quotation) -> dict[str, str | int]:
    """Return what an event says of a version: never its amounts, the version itself has them."""
    return {
        "number": quotation.quotation_number,
        "version": quotation.version_number,
        "state": str(quotation.status),
    }
