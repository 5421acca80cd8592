"""What follows from any change of money: the booking's amounts, its milestones, its moves and its invoice."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Min, QuerySet, Sum

from apps.billing.models import GatewayCode, Invoice, Payment, Refund
from apps.billing.services.invoices import is_invoiceable, issue_and_send, mark_paid
from apps.bookings.models import Adjustment, Booking
from apps.bookings.services.money import write_money
from apps.bookings.services.progress import advance, invoice_was_sent
from apps.bookings.states import BookingStatus
from medivoy.core.money import ZERO


def settle(booking: Booking) -> None:
    """Bring a locked booking up to its rows of money: amounts, payment status, milestones, moves, invoice.

    Everything is computed from the rows, so calling it again changes nothing. On hold the money is booked, and the
    moves and the invoice wait for resuming. Rule: domain.md, Money.
    """
    write_money(
        booking,
        amount_paid=_sum(Payment.objects.completed().filter(booking=booking)),
        amount_refunded=_sum(Refund.objects.completed().filter(booking=booking)),
        amount_adjusted=_sum(Adjustment.objects.filter(booking=booking)),
        transfer_open_since=_open_transfer_since(booking),
    )
    if booking.status == BookingStatus.ON_HOLD:
        return
    advance(booking)
    _follow_with_invoice(booking)
    invoice_was_sent(booking)


def _follow_with_invoice(booking: Booking) -> None:
    """Issue the invoice once it may be, and mark it paid as soon as nothing is owed."""
    invoice = Invoice.objects.select_for_update().filter(booking=booking).first()
    if invoice is not None:
        invoice.booking = booking
        mark_paid(invoice)
    elif is_invoiceable(booking):
        issue_and_send(booking, actor=None)


def _open_transfer_since(booking: Booking) -> datetime | None:
    """Return since when a bank transfer is announced that nobody has confirmed."""
    transfers = Payment.objects.open().filter(booking=booking, payment_gateway=GatewayCode.BANK_TRANSFER)
    since: datetime | None = transfers.aggregate(since=Min("created_at"))["since"]
    return since


def _sum(rows: QuerySet[Any]) -> Decimal:
    return rows.aggregate(total=Sum("amount"))["total"] or ZERO
