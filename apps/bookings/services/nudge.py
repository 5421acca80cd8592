"""A coordinator reminds whoever a case waits on, by hand: once a day at most."""

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.models import Booking, EventKind
from apps.bookings.services.news import tell
from apps.bookings.services.transition import lock, record
from apps.bookings.states import BookingStatus, WaitingOn
from apps.notifications.services.outbox import event_id_for
from medivoy.core import clock
from medivoy.core.errors import GuardFailed

REMINDERS = {
    (BookingStatus.AWAITING_MEDICAL_DETAILS, WaitingOn.PATIENT): "details_reminder",
    (BookingStatus.QUOTATION_SENT, WaitingOn.PATIENT): "quotation_reminder",
    (BookingStatus.PAYMENT_PENDING, WaitingOn.PAYER): "payment_reminder",
    (BookingStatus.TRAVEL_ARRANGEMENT, WaitingOn.PAYER): "payment_reminder",
    (BookingStatus.COMPLETED, WaitingOn.PAYER): "payment_reminder",
}


@transaction.atomic
def remind_now(booking: Booking, *, actor: User) -> bool:
    """Remind the patient of what the case waits for; return False where they were reminded today already.

    Raises GuardFailed nobody_to_remind where it waits on nobody who can be reminded.
    """
    booking = lock(booking.pk)
    event = REMINDERS.get((BookingStatus(booking.status), WaitingOn(booking.waiting_on)))
    if event is None or booking.has_ended_in_death:
        raise GuardFailed(_("This case waits on nobody who could be reminded."), code="nobody_to_remind")
    day = clock.today(booking.hospital.timezone).isoformat()
    told = tell(booking, event, actor=actor, event_id=event_id_for("nudge", booking.pk, day))
    if told:
        record(booking, EventKind.REMINDER, actor=actor, data={"reminder": event})
    return bool(told)
