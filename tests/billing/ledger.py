"""What a booking's money must look like, computed anew from the rows, by other code than the platform's own."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise

from apps.billing.models import CreditNote, Invoice, Payment, Refund
from apps.bookings.models import Adjustment, Booking, BookingEvent, Milestone
from apps.bookings.waiting import derive, facts_of

GONE = ("completed",)
DECIDED = ("approved", "processing", "completed", "failed")


def check_ledger(pk) -> None:
    """Fail where what is written of the booking does not follow from its rows."""
    booking = Booking.objects.select_related("hospital").get(pk=pk)
    payments = list(Payment.objects.filter(booking=booking))
    refunds = list(Refund.objects.filter(booking=booking))
    check_rows(booking, payments, refunds)
    paid = sum(p.amount for p in payments if p.status == "completed")
    refunded = sum(r.amount for r in refunds if r.status in GONE)
    adjusted = sum(a.amount for a in Adjustment.objects.filter(booking=booking))
    assert (booking.amount_paid, booking.amount_refunded, booking.amount_adjusted) == (paid, refunded, adjusted)
    agreed = booking.amount_kept if booking.status == "cancelled" else booking.total_amount
    balance = (agreed or Decimal(0)) - adjusted - (paid - refunded)
    assert booking.balance == balance
    assert booking.payment_status == expected_status(booking, paid, refunded, balance)
    check_milestones(booking, paid - refunded + adjusted)
    check_turn(booking)
    check_timeline(booking, payments, refunds)
    check_invoice(booking)


def check_rows(booking, payments, refunds) -> None:
    assert {row.currency for row in [*payments, *refunds]} <= {booking.currency}
    assert len([p for p in payments if p.status in ("pending", "processing")]) <= 1
    for payment in payments:
        asked_back = [r.amount for r in refunds if r.payment_id == payment.pk and r.status != "rejected"]
        assert sum(asked_back) <= payment.amount
        assert not asked_back or payment.status == "completed"
        assert hasattr(payment, "receipt") == (payment.status == "completed")


def expected_status(booking, paid, refunded, balance) -> str:
    cancelled = booking.status == "cancelled"
    rules = [
        ("refunded", paid > 0 and paid == refunded),
        ("overpaid", balance < 0),
        ("partially_refunded", cancelled and refunded > 0),
        ("payment_completed", booking.total_amount is not None and balance == 0 and not (cancelled and paid == 0)),
        ("partially_paid", paid - refunded > 0),
        ("unpaid", True),
    ]
    return next(name for name, fits in rules if fits)


def check_milestones(booking, covered) -> None:
    milestones = list(Milestone.objects.filter(booking=booking).order_by("position"))
    if booking.total_amount is not None:
        assert sum(m.amount for m in milestones) == booking.total_amount
    reached = Decimal(0)
    for milestone in milestones:
        reached += milestone.amount
        if milestone.state != "waived":
            assert milestone.state == ("met" if covered >= reached else "due")


def check_turn(booking) -> None:
    turn = derive(facts_of(booking))
    written = (booking.waiting_on, booking.waiting_since, booking.amber_at, booking.due_at)
    assert written == (turn.party, turn.since, turn.amber_at, turn.due_at)


def check_timeline(booking, payments, refunds) -> None:
    events = list(BookingEvent.objects.filter(booking=booking).order_by("created_at", "id"))
    moves = [event for event in events if event.kind == "moved"]
    for before, after in pairwise(moves):
        assert after.from_status == before.to_status
    assert moves[-1].to_status == booking.status
    told = Counter(
        (event.kind, event.data.get("payment") if event.kind == "payment" else event.data.get("refund"))
        for event in events
        if event.kind in ("payment", "refund") and event.data.get("status") == "completed"
    )
    done = [("payment", p.transaction_id) for p in payments if p.status == "completed"]
    done += [("refund", r.refund_number) for r in refunds if r.status == "completed"]
    assert told == Counter(done)


def check_invoice(booking) -> None:
    invoice = Invoice.objects.filter(booking=booking).first()
    if invoice is None:
        assert booking.invoiced_at is None
        return
    assert (invoice.final_amount, invoice.currency) == (booking.total_amount, booking.currency)
    assert sum(line.amount for line in invoice.lines.all()) == invoice.total_amount
    assert sum(line.tax_amount for line in invoice.lines.all()) == invoice.tax_amount
    credited = sum(note.amount for note in CreditNote.objects.filter(invoice=invoice))
    assert credited <= invoice.final_amount
    assert (invoice.status == "void") == (credited == invoice.final_amount > 0)
    # The paper adds up: what was invoiced, less credits, corrections and payments, is the balance.
    assert invoice.final_amount - credited - booking.amount_adjusted - booking.net_paid == booking.balance
