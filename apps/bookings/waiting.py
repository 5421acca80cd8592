"""Whose turn it is: one function from the facts of a case to whom it waits on, since when, and when it is late.

It looks at facts alone, never at the hour: the same rows give the same answer at any time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from apps.bookings.clocks import clock_for
from apps.bookings.models import (
    Booking,
    Milestone,
    MilestoneState,
    Quotation,
    TravelPlan,
    WantedDocument,
    WantedState,
)
from apps.bookings.states import BookingStatus, QuotationStatus, WaitingOn
from medivoy.core import clock

DEFAULT_STAY_DAYS = 7


@dataclass(frozen=True, slots=True)
class Facts:
    """The rows that decide whose turn it is."""

    booking: Booking
    quotations: Sequence[Quotation]
    wanted: Sequence[WantedDocument]
    milestones: Sequence[Milestone]
    travel: TravelPlan | None

    def next_due(self, needed_for: str = "") -> Milestone | None:
        """Return the first milestone that is due; with `needed_for`, the first one that this move needs."""
        return next(
            (
                milestone
                for milestone in self.milestones
                if milestone.state == MilestoneState.DUE and needed_for in ("", milestone.needed_for)
            ),
            None,
        )

    def start(self, day: date) -> datetime:
        return clock.start_of_day(day, self.booking.hospital.timezone)

    def end(self, day: date) -> datetime:
        return clock.end_of_day(day, self.booking.hospital.timezone)


@dataclass(frozen=True, slots=True)
class Turn:
    """Whom a case waits on and since when; amber and red where it can be late."""

    party: str
    since: datetime
    amber_at: datetime | None = None
    due_at: datetime | None = None


def facts_of(booking: Booking) -> Facts:
    """Read the facts of a booking (four queries, whatever its history)."""
    return Facts(
        booking=booking,
        quotations=list(Quotation.objects.filter(booking=booking)),
        wanted=list(WantedDocument.objects.filter(booking=booking)),
        milestones=list(Milestone.objects.filter(booking=booking)),
        travel=TravelPlan.objects.filter(booking=booking).first(),
    )


def derive(facts: Facts) -> Turn:
    """Return whose turn it is (domain.md, Whose turn it is)."""
    return TURNS[BookingStatus(facts.booking.status)](facts)


def _by_clock(facts: Facts, party: str, since: datetime) -> Turn:
    hours = clock_for(facts.booking.status, party)
    return Turn(party, since, since + timedelta(hours=hours.amber), since + timedelta(hours=hours.red))


def _on(party: str) -> Callable[[Facts], Turn]:
    return lambda facts: _by_clock(facts, party, facts.booking.status_since)


def _awaiting_details(facts: Facts) -> Turn:
    missing = [w for w in facts.wanted if w.state in (WantedState.WANTED, WantedState.REFUSED)]
    if missing:
        return _by_clock(facts, WaitingOn.PATIENT, facts.booking.status_since)
    received = [w.received_at for w in facts.wanted if w.received_at]
    return _by_clock(facts, WaitingOn.COORDINATOR, max([facts.booking.status_since, *received]))


def _quotation(facts: Facts) -> Turn:
    sent = next((q for q in facts.quotations if q.status == QuotationStatus.SENT), None)
    if sent is None or sent.sent_at is None:
        closed = [q.closed_at for q in facts.quotations if q.closed_at]
        return _by_clock(facts, WaitingOn.COORDINATOR, max([facts.booking.status_since, *closed]))
    turn = _by_clock(facts, WaitingOn.PATIENT, max(sent.sent_at, facts.booking.status_since))
    day_before_expiry = facts.end(sent.valid_until) - timedelta(hours=24)
    amber = min(turn.amber_at or day_before_expiry, day_before_expiry)
    return Turn(turn.party, turn.since, amber, day_before_expiry)


def _payment(facts: Facts) -> Turn:
    booking = facts.booking
    if booking.transfer_open_since:
        return _by_clock(facts, WaitingOn.COORDINATOR, max(booking.transfer_open_since, booking.status_since))
    met = [m.met_at for m in facts.milestones if m.met_at]
    since = max([booking.status_since, *met])
    deposit = facts.next_due(BookingStatus.TRAVEL_ARRANGEMENT)
    if deposit is None:
        return _by_clock(facts, WaitingOn.COORDINATOR, since)
    # Red when it is one day late.
    return Turn(WaitingOn.PAYER, since, facts.start(deposit.due_date), facts.end(deposit.due_date + timedelta(days=1)))


def _travel(facts: Facts) -> Turn:
    booking, plan = facts.booking, facts.travel
    since = max(filter(None, [booking.status_since, plan.changed_at if plan else None]))
    if plan is not None and plan.waits_on_embassy():
        return _by_clock(facts, WaitingOn.EMBASSY, since)
    if plan is None or not plan.is_complete():
        return _by_clock(facts, WaitingOn.COORDINATOR, since)
    if booking.transfer_open_since:
        return _by_clock(facts, WaitingOn.COORDINATOR, max(booking.transfer_open_since, since))
    met = [m.met_at for m in facts.milestones if m.met_at]
    since = max([since, *met])
    admission = booking.confirmed_date
    if admission is None:
        return _by_clock(facts, WaitingOn.COORDINATOR, since)
    if facts.next_due(BookingStatus.IN_TREATMENT):
        return Turn(
            WaitingOn.PAYER,
            since,
            facts.start(admission - timedelta(days=14)),
            facts.start(admission - timedelta(days=7)),
        )
    return Turn(WaitingOn.HOSPITAL, since, facts.start(admission), facts.end(admission))


def _treatment(facts: Facts) -> Turn:
    booking = facts.booking
    accepted = next((q for q in facts.quotations if q.status == QuotationStatus.ACCEPTED), None)
    nights = (accepted.nights if accepted else None) or DEFAULT_STAY_DAYS
    admitted = booking.admitted_on or booking.status_since.date()
    leaves = admitted + timedelta(days=nights)
    return Turn(WaitingOn.HOSPITAL, booking.status_since, facts.end(leaves), facts.end(leaves + timedelta(days=1)))


def _held(facts: Facts) -> Turn:
    booking = facts.booking
    review = facts.start(booking.review_on) if booking.review_on else None
    return Turn(WaitingOn.NOBODY, booking.status_since, review, review)


def _ended(facts: Facts) -> Turn:
    """Nobody, but where money still has to move."""
    booking = facts.booking
    if booking.cancel_proof_wanted or booking.balance < 0:
        return _by_clock(facts, WaitingOn.COORDINATOR, booking.status_since)
    if booking.balance > 0 and booking.status in (BookingStatus.COMPLETED, BookingStatus.FEEDBACK_RECEIVED):
        return _by_clock(facts, WaitingOn.PAYER, booking.status_since)
    return Turn(WaitingOn.NOBODY, booking.status_since)


TURNS: dict[BookingStatus, Callable[[Facts], Turn]] = {
    BookingStatus.REQUESTED: _on(WaitingOn.COORDINATOR),
    BookingStatus.UNDER_REVIEW: _on(WaitingOn.HOSPITAL),
    BookingStatus.ACCEPTED: _on(WaitingOn.COORDINATOR),
    BookingStatus.AWAITING_MEDICAL_DETAILS: _awaiting_details,
    BookingStatus.QUOTATION_SENT: _quotation,
    BookingStatus.CONFIRMED: _on(WaitingOn.COORDINATOR),
    BookingStatus.PAYMENT_PENDING: _payment,
    BookingStatus.PAYMENT_COMPLETED: _on(WaitingOn.COORDINATOR),
    BookingStatus.INVOICE_SENT: _on(WaitingOn.COORDINATOR),
    BookingStatus.TRAVEL_ARRANGEMENT: _travel,
    BookingStatus.IN_TREATMENT: _treatment,
    BookingStatus.ON_HOLD: _held,
    BookingStatus.COMPLETED: _ended,
    BookingStatus.FEEDBACK_RECEIVED: _ended,
    BookingStatus.REJECTED: _ended,
    BookingStatus.CANCELLED: _ended,
}
