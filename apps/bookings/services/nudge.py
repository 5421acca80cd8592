"""A coordinator reminds whoever a case waits on, by hand: once a day at most."""

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.models import Booking
from apps.bookings.services.reminders import send_once
from apps.bookings.services.transition import lock
from apps.bookings.states import BookingStatus, WaitingOn
from apps.notifications.services.outbox import event_id_for
from medivoy.core.errors import GuardFailed

REMINDERS = {
    (BookingStatus.AWAITING_MEDICAL_DETAILS, WaitingOn.PATIENT): "details_reminder",
    (BookingStatus.QUOTATION_SENT, WaitingOn.PATIENT): "quotation_reminder",
    (BookingStatus.PAYMENT_PENDING, WaitingOn.PAYER): "payment_reminder",
    (BookingStatus.TRAVEL_ARRANGEMENT, WaitingOn.PAYER): "payment_reminder",
    (BookingStatus.COMPLETED, WaitingOn.PAYER): "payment_reminder",
}


def can_be_reminded(booking: Booking) -> bool:
    """Whether the case waits on somebody who can be reminded."""
    waits = (BookingStatus(booking.status), WaitingOn(booking.waiting_on))
    return waits in REMINDERS and not booking.has_ended_in_death


@transaction.atomic
def remind_now(booking: Booking, *, actor: User) -> bool:
    """Remind the patient of what the case waits for; return False where they were reminded today already.

    Raises GuardFailed nobody_to_remind where it waits on nobody who can be reminded.
    """
    booking = lock(booking.pk)
    if not can_be_reminded(booking):
        raise GuardFailed(_("This case waits on nobody who could be reminded."), code="nobody_to_remind")
    event = REMINDERS[BookingStatus(booking.status), WaitingOn(booking.waiting_on)]
    today = event_id_for("nudge", booking.pk, booking.local_today())
    return send_once(booking, event, event_id=today, actor=actor)
