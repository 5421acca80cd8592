"""The day of admission moves: who asked, and why; milestones and reminders follow."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.models import Booking, EventKind
from apps.bookings.services.milestones import follow_admission
from apps.bookings.services.transition import lock, record, refresh_waiting
from apps.bookings.states import AGREED, BEFORE_TREATMENT, Party
from medivoy.core.errors import GuardFailed, InvalidInput


@transaction.atomic
def reschedule(
    booking: Booking,
    *,
    confirmed_date: date,
    asked_by: str,
    reason: str,
    actor: User,
    notes: str = "",
    internal_notes: str = "",
) -> Booking:
    """Agree on another day of admission, a plain date at the hospital, between acceptance and admission.

    `asked_by` is the party that asked. The same day again writes nothing. Raises InvalidInput; GuardFailed
    not_confirmed, too_late. Rule: domain.md, Dates.
    """
    booking = lock(booking.pk)
    errors = {}
    if asked_by not in Party.values:
        errors["asked_by"] = [_("One of these is needed: %(choices)s.") % {"choices": ", ".join(Party.values)}]
    if not reason:
        errors["reason"] = [_("A reason is needed.")]
    if confirmed_date < booking.local_today():
        errors["confirmed_date"] = [_("This day is over at the hospital.")]
    if errors:
        raise InvalidInput(errors)
    if booking.stage not in AGREED and booking.is_open:
        raise GuardFailed(_("A day is agreed with the quotation first."), code="not_confirmed")
    if booking.stage not in BEFORE_TREATMENT:
        raise GuardFailed(_("It is too late to change this."), code="too_late")
    if booking.confirmed_date == confirmed_date:
        return booking
    data = {
        "field": "confirmed_date",
        "from": booking.confirmed_date.isoformat() if booking.confirmed_date else None,
        "to": confirmed_date.isoformat(),
        "asked_by": asked_by,
    }
    booking.confirmed_date = confirmed_date
    booking.save(update_fields=["confirmed_date"])
    follow_admission(booking)
    record(booking, EventKind.DATE, actor=actor, reason=reason, notes=notes, internal_notes=internal_notes, data=data)
    refresh_waiting(booking)
    return booking
