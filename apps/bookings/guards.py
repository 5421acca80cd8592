"""What a move needs beyond its row in the table: each guard once, asked by the move itself and by whoever lists moves.

A guard looks at the booking and its rows (prefetched or not) and returns why the move cannot be made now, or None.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.bookings.models import Booking, Milestone, MilestoneState, Quotation
from apps.bookings.states import BookingStatus, QuotationStatus
from medivoy.core.errors import GuardFailed
from medivoy.core.money import ZERO, display_amount


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: a code for programs, half a sentence for people."""

    code: str
    reason: str

    def as_error(self) -> GuardFailed:
        return GuardFailed(_("Not possible now: %(reason)s.") % {"reason": self.reason}, code=self.code)


Guard = Callable[[Booking], Refusal | None]


def newest_sent(booking: Booking) -> Quotation | None:
    """Return the newest version that was ever sent."""
    sent = [quotation for quotation in booking.quotations.all() if quotation.sent_at]
    return max(sent, key=lambda quotation: quotation.version_number, default=None)


def current_offer(booking: Booking) -> Quotation | None:
    """Return the version that may be accepted, whether or not its time has run out."""
    return next((q for q in booking.quotations.all() if q.status == QuotationStatus.SENT), None)


def next_draft(booking: Booking) -> Quotation | None:
    """Return the draft that would be sent: the newest version, if it is one."""
    newest = max(booking.quotations.all(), key=lambda quotation: quotation.version_number, default=None)
    return newest if newest is not None and newest.status == QuotationStatus.DRAFT else None


def unmet(booking: Booking, needed_for: str) -> Decimal:
    """Return what is still to be paid before the move to `needed_for`, in the booking's currency; zero: nothing.

    Milestones count together: the gate opens when all up to its last one that is due are covered.
    """
    reached, needed = ZERO, ZERO
    for milestone in booking.milestones.all():
        reached += milestone.amount
        if is_open_gate(milestone, needed_for):
            needed = reached
    missing = needed - booking.net_paid - booking.amount_adjusted
    return max(min(missing, booking.balance), ZERO)


def is_open_gate(milestone: Milestone, needed_for: str) -> bool:
    """Whether the milestone still stands before the move."""
    return milestone.needed_for == needed_for and milestone.state == MilestoneState.DUE


def something_to_send(booking: Booking) -> Refusal | None:
    draft = next_draft(booking)
    if draft is None or not draft.lines.all():
        return Refusal("nothing_to_send", _("a draft with a line is needed"))
    draft.booking = booking
    if draft.has_expired():
        return Refusal("quotation_expired", _("the draft's validity has run out"))
    return None


def something_to_accept(booking: Booking) -> Refusal | None:
    offer, newest = current_offer(booking), newest_sent(booking)
    if offer is not None:
        offer.booking = booking
    if (offer and offer.has_expired()) or (not offer and newest and newest.status == QuotationStatus.EXPIRED):
        return Refusal("quotation_expired", _("the quotation has expired"))
    if offer is None:
        return Refusal("quotation_superseded", _("there is no quotation that can be accepted"))
    return None


def something_owed(booking: Booking) -> Refusal | None:
    return None if booking.balance > 0 else Refusal("nothing_owed", _("nothing is owed"))


def nothing_owed(booking: Booking) -> Refusal | None:
    return _needs_balance(booking.balance, booking.currency) if booking.balance > 0 else None


def invoice_issued(booking: Booking) -> Refusal | None:
    return None if booking.invoiced_at else Refusal("invoice_needed", _("an issued invoice is needed"))


def paid_before(needed_for: str) -> Guard:
    """Return the money guard of the move to `needed_for`."""

    def guard(booking: Booking) -> Refusal | None:
        missing = unmet(booking, needed_for)
        return _needs_balance(missing, booking.currency) if missing > 0 else None

    return guard


def _needs_balance(amount: Decimal, currency: str) -> Refusal:
    amount_in_words = display_amount(amount, currency)
    return Refusal("balance_needed", _("a balance of %(amount)s is needed") % {"amount": amount_in_words})


def review_given(booking: Booking) -> Refusal | None:
    if getattr(booking, "review", None) is not None:
        return None
    return Refusal("review_needed", _("a review of this booking is needed"))


GUARDS: dict[str, Guard] = {
    BookingStatus.QUOTATION_SENT: something_to_send,
    BookingStatus.CONFIRMED: something_to_accept,
    BookingStatus.PAYMENT_PENDING: something_owed,
    BookingStatus.PAYMENT_COMPLETED: nothing_owed,
    BookingStatus.INVOICE_SENT: invoice_issued,
    BookingStatus.TRAVEL_ARRANGEMENT: paid_before(BookingStatus.TRAVEL_ARRANGEMENT),
    BookingStatus.IN_TREATMENT: paid_before(BookingStatus.IN_TREATMENT),
    BookingStatus.FEEDBACK_RECEIVED: review_given,
}
# The guards that an emergency may pass, with a reason that is kept.
MONEY_GUARDS = (BookingStatus.TRAVEL_ARRANGEMENT, BookingStatus.IN_TREATMENT)


def refusal_of(booking: Booking, to: str) -> Refusal | None:
    """Return why the move to `to` cannot be made now, or None. The return from hold asks no guard: see moves.py."""
    guard = GUARDS.get(to)
    return guard(booking) if guard else None
