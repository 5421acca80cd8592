"""What nobody should have to remember: each reminder once, however often the clock asks, and none while held.

A reminder is an event on the timeline with an id that follows from what it reminds of; whoever comes second finds it.
Of several that fell due meanwhile only the last is sent.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.bookings.guards import current_offer
from apps.bookings.models import (
    Booking,
    BookingEvent,
    EventKind,
    Milestone,
    MilestoneState,
    Visibility,
    WantedDocument,
)
from apps.bookings.services.details import MISSING
from apps.bookings.services.news import tell
from apps.bookings.services.transition import lock, record
from apps.bookings.states import BEFORE_TREATMENT, BookingStatus
from apps.clinical.models import RecordType
from apps.notifications.services.outbox import event_id_for
from medivoy.core import clock

DETAILS_AFTER = (timedelta(days=3), timedelta(days=7))
QUOTATION_AFTER = timedelta(days=3)
QUOTATION_BEFORE_EXPIRY = timedelta(hours=24)
DEPOSIT_LATE = timedelta(days=1)
BALANCE_BEFORE_ADMISSION = (timedelta(days=14), timedelta(days=7))
FEEDBACK_AFTER = timedelta(days=7)
# Later than this nobody is asked any more: the clock had stood still.
FEEDBACK_UNTIL = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder: from when on, which event it is, and what makes it this one and no other."""

    at: datetime
    event: str
    occasion: tuple[object, ...]

    def id_for(self, booking: Booking) -> UUID:
        return event_id_for(self.event, booking.pk, *self.occasion)


def details(booking: Booking) -> Iterator[Reminder]:
    """Documents that are wanted and missing: 3 and 7 days after the newest was asked for."""
    asked = [wanted.created_at for wanted in missing_documents(booking)]
    if booking.status == BookingStatus.AWAITING_MEDICAL_DETAILS and asked:
        for delay in DETAILS_AFTER:
            yield Reminder(max(asked) + delay, "details_reminder", (max(asked).isoformat(), delay.days))


def quotation(booking: Booking) -> Iterator[Reminder]:
    """A quotation that nobody has answered: after 3 days, and 24 hours before it expires."""
    offer = current_offer(booking)
    if booking.status != BookingStatus.QUOTATION_SENT or offer is None or offer.sent_at is None:
        return
    offer.booking = booking
    if offer.has_expired():
        return
    yield Reminder(offer.sent_at + QUOTATION_AFTER, "quotation_reminder", (offer.pk, "unanswered"))
    yield Reminder(offer.expires_at() - QUOTATION_BEFORE_EXPIRY, "quotation_reminder", (offer.pk, "expiry"))


def deposit(booking: Booking) -> Iterator[Reminder]:
    """A payment that is needed before travel: one day after it was due. An announced transfer waits on us instead."""
    for milestone in _due(booking, BookingStatus.TRAVEL_ARRANGEMENT):
        late = _start(booking, milestone.due_date + DEPOSIT_LATE)
        yield Reminder(late, "payment_reminder", (milestone.pk, milestone.due_date))


def balance(booking: Booking) -> Iterator[Reminder]:
    """A payment that is needed before treatment: 14 and 7 days before admission."""
    if booking.confirmed_date is None or booking.balance <= 0:
        return
    for milestone in _due(booking, BookingStatus.IN_TREATMENT):
        for notice in BALANCE_BEFORE_ADMISSION:
            day = booking.confirmed_date - notice
            yield Reminder(
                _start(booking, day), "payment_reminder", (milestone.pk, booking.confirmed_date, notice.days)
            )


def feedback(booking: Booking) -> Iterator[Reminder]:
    """How it was: 7 days after completion, never after a death."""
    if booking.status == BookingStatus.COMPLETED and booking.closed_at and not booking.has_ended_in_death:
        yield Reminder(booking.closed_at + FEEDBACK_AFTER, "feedback_wanted", ())


def review_day(booking: Booking) -> Iterator[Reminder]:
    """A held case on the day that was set for looking at it again: its coordinator is told."""
    if booking.status == BookingStatus.ON_HOLD and booking.review_on:
        yield Reminder(_start(booking, booking.review_on), "review_due", (booking.review_on,))


Family = Callable[[Booking], Iterator[Reminder]]
FAMILIES: tuple[Family, ...] = (details, quotation, feedback, review_day)
FAMILIES_OF_PAYMENT: tuple[Family, ...] = (deposit, balance)


def missing_documents(booking: Booking) -> list[WantedDocument]:
    """Return the wanted documents that have not come, or were refused."""
    return [wanted for wanted in booking.wanted_documents.all() if wanted.state in MISSING]


def perhaps_due() -> QuerySet[Booking, UUID]:
    """Return the ids of bookings that something may have to be said about; `remind` decides."""
    now = clock.now()
    waiting = Q(status__in=[BookingStatus.AWAITING_MEDICAL_DETAILS, BookingStatus.QUOTATION_SENT])
    finished = Q(status=BookingStatus.COMPLETED, closed_at__range=(now - FEEDBACK_UNTIL, now - FEEDBACK_AFTER))
    held = Q(status=BookingStatus.ON_HOLD, review_on__lte=(now + timedelta(days=1)).date())
    return Booking.objects.filter(waiting | finished | held).values_list("pk", flat=True)


def perhaps_owing() -> QuerySet[Booking, UUID]:
    """Return the ids of bookings with a payment that is due before the journey or the treatment."""
    return (
        Booking.objects.filter(status__in=BEFORE_TREATMENT, milestones__state=MilestoneState.DUE)
        .distinct()
        .values_list("pk", flat=True)
    )


@transaction.atomic
def remind(booking_id: UUID, families: tuple[Family, ...]) -> int:
    """Send what is due of the families for one booking and was not sent before; return how many reminders that was."""
    booking = lock(booking_id)
    now = clock.now()
    sent = 0
    for family in families:
        due = [reminder for reminder in family(booking) if reminder.at <= now]
        newest = max(due, key=lambda reminder: reminder.at, default=None)
        sent += send_once(booking, newest.event, event_id=newest.id_for(booking), actor=None) if newest else 0
    return sent


def send_once(booking: Booking, event: str, *, event_id: UUID, actor: User | None) -> bool:
    """Send a reminder on a locked booking and keep it on the timeline under `event_id`; return False where it is
    there already."""
    if BookingEvent.objects.filter(pk=event_id).exists():
        return False
    is_for_staff = event == "review_due"
    record(
        booking,
        EventKind.REMINDER,
        actor=actor,
        visibility=Visibility.STAFF if is_for_staff else Visibility.PATIENT,
        data={"reminder": event},
        id=event_id,
    )
    missing = [RecordType(wanted.type).label for wanted in missing_documents(booking)]
    tell(booking, event, actor=actor, context={"missing": missing}, event_id=event_id)
    return True


def _due(booking: Booking, needed_for: str) -> list[Milestone]:
    """Return the milestones that stand before the move, while the case waits for their money and not for us."""
    if booking.status not in BEFORE_TREATMENT or booking.transfer_open_since:
        return []
    return [m for m in booking.milestones.all() if m.needed_for == needed_for and m.state == MilestoneState.DUE]


def _start(booking: Booking, day: date) -> datetime:
    return clock.start_of_day(day, booking.hospital.timezone)
