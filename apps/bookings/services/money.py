"""The booking's side of money: milestones, what is due now, and the payment status, from the booking's own columns."""

from decimal import Decimal
from typing import Any

from apps.bookings.models import Booking, Milestone, MilestoneState
from apps.bookings.services.transition import refresh_waiting
from apps.bookings.states import BookingStatus, PaymentStatus
from medivoy.core import clock
from medivoy.core.money import ZERO


def covered(booking: Booking) -> Decimal:
    """Return what stands against the milestones: paid less refunded, plus what was adjusted, in its currency."""
    paid: Decimal = booking.net_paid + booking.amount_adjusted
    return paid


def amount_due(booking: Booking, milestones: list[Milestone]) -> Decimal:
    """Return the next amount to pay: up to the first milestone that is due, never more than the balance.

    Money of a waived milestone is still owed and rolls into the next one. Zero where nothing is owed.
    """
    balance = max(booking.balance, ZERO)
    if booking.status == BookingStatus.CANCELLED:
        return ZERO
    reached = ZERO
    for milestone in milestones:
        reached += milestone.amount
        if milestone.state == MilestoneState.DUE:
            return min(max(reached - covered(booking), ZERO), balance) or balance
    return balance


def payment_status(booking: Booking) -> str:
    """Return the payment status that follows from the columns: the first that fits (domain.md, Balance)."""
    cancelled = booking.status == BookingStatus.CANCELLED
    if booking.amount_paid > 0 and booking.net_paid == 0:
        return PaymentStatus.REFUNDED
    if booking.balance < 0:
        return PaymentStatus.OVERPAID
    if cancelled and booking.amount_refunded > 0:
        return PaymentStatus.PARTIALLY_REFUNDED
    if booking.total_amount is not None and booking.balance == 0 and not (cancelled and booking.amount_paid == 0):
        return PaymentStatus.PAYMENT_COMPLETED
    return PaymentStatus.PARTIALLY_PAID if booking.net_paid > 0 else PaymentStatus.UNPAID


def write_money(booking: Booking, **columns: Any) -> None:
    """Write money columns of a locked booking (amounts in its currency) and all that follows from them."""
    for name, value in columns.items():
        setattr(booking, name, value)
    booking.payment_status = payment_status(booking)
    booking.save(update_fields=[*columns, "payment_status"])
    _follow_milestones(booking)
    refresh_waiting(booking)


def _follow_milestones(booking: Booking) -> None:
    reached, now = ZERO, clock.now()
    for milestone in Milestone.objects.filter(booking=booking):
        reached += milestone.amount
        if milestone.state == MilestoneState.WAIVED:
            continue
        state = MilestoneState.MET if covered(booking) >= reached else MilestoneState.DUE
        if state != milestone.state:
            milestone.state = state
            milestone.met_at = now if state == MilestoneState.MET else None
            milestone.save(update_fields=["state", "met_at"])
