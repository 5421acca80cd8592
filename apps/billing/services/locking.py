"""The one order of locks: the booking's row first, then payments, refunds, invoices, and counters at last."""

from uuid import UUID

from apps.billing.models import Invoice, Payment, Refund
from apps.bookings.services.transition import lock
from medivoy.core.errors import Missing


def lock_payment(payment_id: UUID) -> Payment:
    """Lock a payment under its booking and return it fresh, with the booking. Raises Missing."""
    booking_id = Payment.objects.filter(pk=payment_id).values_list("booking_id", flat=True).first()
    if booking_id is None:
        raise Missing
    booking = lock(booking_id)
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)
    payment.booking = booking
    return payment


def lock_refund(refund_id: UUID) -> Refund:
    """Lock a refund and its payment under their booking and return it fresh, with both. Raises Missing."""
    payment_id = Refund.objects.filter(pk=refund_id).values_list("payment_id", flat=True).first()
    if payment_id is None:
        raise Missing
    payment = lock_payment(payment_id)
    refund = Refund.objects.select_for_update(of=("self",)).get(pk=refund_id)
    refund.payment, refund.booking = payment, payment.booking
    return refund


def lock_invoice(invoice_id: UUID) -> Invoice:
    """Lock an invoice under its booking and return it fresh, with the booking. Raises Missing."""
    booking_id = Invoice.objects.filter(pk=invoice_id).values_list("booking_id", flat=True).first()
    if booking_id is None:
        raise Missing
    booking = lock(booking_id)
    invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice_id)
    invoice.booking = booking
    return invoice
