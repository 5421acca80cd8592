"""The booking's side of money: one balance, one payment status, what is due now."""

from decimal import Decimal

import pytest

from apps.bookings.models import Booking, Milestone, MilestoneState
from apps.bookings.services.cancellation import settle_proof
from apps.bookings.services.money import amount_due, payment_status
from apps.bookings.states import BookingStatus as S
from tests.factories.bookings import booking_in, step


def case(status=S.PAYMENT_PENDING, agreed=100, paid=0, refunded=0, adjusted=0, kept=None):
    """An unsaved booking with these columns of money."""
    return Booking(
        status=status,
        total_amount=None if agreed is None else Decimal(agreed),
        amount_paid=Decimal(paid),
        amount_refunded=Decimal(refunded),
        amount_adjusted=Decimal(adjusted),
        amount_kept=None if kept is None else Decimal(kept),
    )


@pytest.mark.parametrize(
    ("columns", "balance", "status"),
    [
        ({"agreed": None}, 0, "unpaid"),
        ({}, 100, "unpaid"),
        ({"paid": 20}, 80, "partially_paid"),
        ({"paid": 100}, 0, "payment_completed"),
        ({"paid": 98, "adjusted": 2}, 0, "payment_completed"),
        ({"adjusted": 100}, 0, "payment_completed"),
        ({"agreed": 0}, 0, "payment_completed"),
        ({"paid": 120}, -20, "overpaid"),
        ({"paid": 120, "refunded": 20}, 0, "payment_completed"),
        ({"paid": 100, "refunded": 30}, 30, "partially_paid"),
        ({"paid": 100, "refunded": 100}, 100, "refunded"),
        ({"status": S.CANCELLED, "kept": 0}, 0, "unpaid"),
        ({"status": S.CANCELLED, "agreed": None, "kept": 0}, 0, "unpaid"),
        ({"status": S.CANCELLED, "paid": 100, "kept": 40}, -60, "overpaid"),
        ({"status": S.CANCELLED, "paid": 100, "refunded": 60, "kept": 40}, 0, "partially_refunded"),
        ({"status": S.CANCELLED, "paid": 100, "refunded": 100, "kept": 0}, 0, "refunded"),
        ({"status": S.CANCELLED, "paid": 100, "kept": 100}, 0, "payment_completed"),
    ],
)
def test_the_first_that_fits(columns, balance, status):
    booking = case(**columns)
    assert (booking.balance, payment_status(booking)) == (balance, status)


def milestones(*states):
    return [Milestone(amount=Decimal(amount), state=state) for amount, state in states]


DUE, MET, WAIVED = MilestoneState.DUE, MilestoneState.MET, MilestoneState.WAIVED


@pytest.mark.parametrize(
    ("columns", "steps", "due"),
    [
        ({}, [(20, DUE), (80, DUE)], 20),
        ({"paid": 5}, [(20, DUE), (80, DUE)], 15),
        ({"paid": 20}, [(20, MET), (80, DUE)], 80),
        ({}, [(20, WAIVED), (80, DUE)], 100),
        ({}, [(20, WAIVED), (80, WAIVED)], 100),
        ({"adjusted": 10}, [(20, DUE), (80, DUE)], 10),
        ({"paid": 100}, [(20, MET), (80, MET)], 0),
        ({"paid": 120}, [(20, MET), (80, MET)], 0),
        ({"status": S.CANCELLED, "paid": 50, "kept": 50}, [(20, MET), (80, DUE)], 0),
        ({"agreed": None}, [], 0),
    ],
)
def test_what_is_due_now(columns, steps, due):
    assert amount_due(case(**columns), milestones(*steps)) == due


@pytest.mark.django_db
def test_a_checked_paper_settles_what_is_kept(coordinator):
    booking = step(booking_in(S.INVOICE_SENT), S.CANCELLED, party="patient", reason="price")
    booking = settle_proof(booking, actor=coordinator, amount_kept=Decimal(0))
    assert (booking.cancel_proof_wanted, booking.amount_kept, booking.balance) == (False, 0, -1000)
