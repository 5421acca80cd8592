"""The agreed total cut into what is due when (domain.md, Milestones)."""

from datetime import date, timedelta

from django.utils.translation import gettext_noop

from apps.bookings.models import Booking, Milestone, MilestoneState
from apps.bookings.states import BookingStatus
from medivoy.core.money import ZERO, round_to_step

DEPOSIT_DAYS_AFTER = 3
REST_DAYS_BEFORE = 7
# Kept in English and shown through gettext: see Milestone.label.
DEPOSIT, REST = gettext_noop("Deposit"), gettext_noop("Balance")


def agree_milestones(booking: Booking, *, accepted_on: date) -> None:
    """Write the milestones of a booking whose total was just agreed, in its currency.

    The hospital's deposit, for travel, and the rest, for treatment; both multiples of the payable step, the last takes
    the remainder. A part of nothing is no milestone.
    """
    total = booking.total_amount or ZERO
    deposit = min(round_to_step(total * booking.hospital.deposit_percent / 100, booking.currency), total)
    deposit_due = accepted_on + timedelta(days=DEPOSIT_DAYS_AFTER)
    parts = [
        Milestone(
            name=DEPOSIT, amount=deposit, due_date=deposit_due, needed_for=BookingStatus.TRAVEL_ARRANGEMENT.value
        ),
        Milestone(
            name=REST,
            amount=total - deposit,
            due_date=due_before(booking.confirmed_date, REST_DAYS_BEFORE, earliest=accepted_on, otherwise=deposit_due),
            days_before=REST_DAYS_BEFORE,
            needed_for=BookingStatus.IN_TREATMENT.value,
        ),
    ]
    for position, milestone in enumerate((part for part in parts if part.amount > 0), start=1):
        milestone.booking, milestone.position = booking, position
        milestone.save()


def follow_admission(booking: Booking) -> None:
    """Move the due dates that hang on the day of admission, of what is not yet paid, with it."""
    today = booking.local_today()
    for milestone in booking.milestones.exclude(state=MilestoneState.MET).exclude(days_before=None):
        milestone.due_date = due_before(
            booking.confirmed_date, milestone.days_before or 0, earliest=today, otherwise=milestone.due_date
        )
        milestone.save(update_fields=["due_date"])


def due_before(admission: date | None, days: int, *, earliest: date, otherwise: date) -> date:
    """Return the day `days` before admission, though never one that is over already."""
    return max(admission - timedelta(days=days), earliest) if admission else otherwise
