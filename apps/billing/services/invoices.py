"""Invoices: issued once, numbered without a gap, sent, paid, overdue. Corrections are in credit_notes.py."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing.models import Invoice, InvoiceLine, LineKind
from apps.billing.services.issuers import bill_to, issuer_of
from apps.billing.services.locking import lock_invoice
from apps.billing.states import INVOICE, InvoiceState
from apps.bookings.models import Booking, EventKind, Quotation
from apps.bookings.services.news import tell
from apps.bookings.services.progress import invoice_was_sent, note_invoice
from apps.bookings.services.transition import lock, record
from apps.bookings.states import AGREED, BookingStatus, QuotationStatus
from medivoy.core import clock
from medivoy.core.context import writing
from medivoy.core.errors import GuardFailed
from medivoy.core.numbers import next_gapless

DELIVERED = (BookingStatus.COMPLETED, BookingStatus.FEEDBACK_RECEIVED)


@dataclass(frozen=True, slots=True)
class Issued:
    """The invoice of a booking, and whether this call issued it (201) or found it (200)."""

    invoice: Invoice
    is_new: bool


@transaction.atomic
def issue_invoice(booking: Booking, *, actor: User | None) -> Issued:
    """Issue the invoice of a booking and mail it, or return the one that exists.

    Possible where nothing is owed, or the booking is completed; else GuardFailed not_invoiceable (409). Rule:
    domain.md, Invoice.
    """
    booking = lock(booking.pk)
    existing = Invoice.objects.filter(booking=booking).first()
    if existing is not None:
        return Issued(existing, is_new=False)
    if not is_invoiceable(booking):
        raise GuardFailed(
            _("An invoice is issued once nothing is owed, or the booking is completed."), code="not_invoiceable"
        )
    invoice = issue_and_send(booking, actor=actor)
    invoice_was_sent(booking, actor=actor)
    return Issued(invoice, is_new=True)


def is_invoiceable(booking: Booking) -> bool:
    """Whether the booking's invoice may be issued now: something is agreed, and nothing owed or all delivered."""
    if booking.total_amount is None or booking.stage not in AGREED:
        return False
    return booking.balance <= 0 or booking.status in DELIVERED


def issue_and_send(booking: Booking, *, actor: User | None) -> Invoice:
    """Issue the invoice of a locked booking, mail it, and mark it paid where nothing is owed."""
    invoice = _write(booking, Quotation.objects.get(booking=booking, status=QuotationStatus.ACCEPTED))
    note_invoice(booking, clock.now())
    record(booking, EventKind.PAYMENT, actor=actor, data={"invoice": invoice.invoice_number, "status": invoice.status})
    _mail(invoice, actor)
    mark_paid(invoice)
    return invoice


def _write(booking: Booking, agreed: Quotation) -> Invoice:
    """Write the invoice as a draft with its lines, then issue it: from then on the database refuses any change."""
    issuer = issuer_of(booking)
    today = clock.today(issuer.zone)
    is_owed = booking.balance > 0
    invoice = Invoice.objects.create(
        invoice_number=number_of("INV", issuer.code, today.year),
        booking=booking,
        patient=booking.patient,
        hospital=booking.hospital,
        issuer_code=issuer.code,
        issuer=issuer.details,
        bill_to=bill_to(booking),
        total_amount=agreed.subtotal + agreed.rounding,
        tax_amount=agreed.tax_amount,
        final_amount=agreed.total,
        currency=agreed.currency,
        invoice_date=today,
        due_date=today + timedelta(days=settings.INVOICE_DUE_DAYS if is_owed else 0),
    )
    InvoiceLine.objects.bulk_create(_lines(invoice, agreed))
    _move(invoice, InvoiceState.ISSUED)
    return invoice


def _lines(invoice: Invoice, agreed: Quotation) -> list[InvoiceLine]:
    """Return the lines that count of what was agreed, as they were computed there, and the rounding as its own."""
    lines = [
        InvoiceLine(
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            tax_rate=line.tax_rate,
            amount=line.amount,
            tax_amount=line.tax_amount,
        )
        for line in agreed.lines.all()
        if line.counts
    ]
    if agreed.rounding:
        lines.append(InvoiceLine(kind=LineKind.ROUNDING, unit_price=agreed.rounding, amount=agreed.rounding))
    for position, line in enumerate(lines, start=1):
        line.invoice, line.position = invoice, position
    return lines


def number_of(prefix: str, code: str, year: int) -> str:
    """Take the next number of an issuer's year, such as INV-MV-2026-000001; a rollback gives it back."""
    return f"{prefix}-{code}-{year}-{next_gapless(f'{prefix}-{code}-{year}'):06d}"


def mark_paid(invoice: Invoice) -> None:
    """Mark a locked invoice as paid where nothing is owed any more."""
    if invoice.booking.balance <= 0 and InvoiceState.PAID in INVOICE.targets(invoice.status):
        invoice.paid_at = clock.now()
        _move(invoice, InvoiceState.PAID, "paid_at")


@transaction.atomic
def send_invoice(invoice: Invoice, *, actor: User | None) -> Invoice:
    """Mail the invoice to the patient (again). Raises GuardFailed invoice_void."""
    invoice = lock_invoice(invoice.pk)
    if invoice.status == InvoiceState.VOID:
        raise GuardFailed(_("This invoice is void."), code="invoice_void")
    _mail(invoice, actor)
    return invoice


def _mail(invoice: Invoice, actor: User | None) -> None:
    tell(invoice.booking, "invoice_issued", actor=actor, attachments=[("invoice", invoice.pk)])
    if invoice.status == InvoiceState.ISSUED:
        invoice.sent_at = clock.now()
        _move(invoice, InvoiceState.SENT, "sent_at")


def mark_overdue() -> int:
    """Mark the invoices whose day of payment is over at their issuer; a task's job, safe to run twice at once."""
    tomorrow_anywhere = (clock.now() + timedelta(hours=14)).date()
    late = Invoice.objects.to_be_paid().filter(due_date__lt=tomorrow_anywhere).values_list("pk", flat=True)
    return sum(_mark_if_overdue(pk) for pk in list(late))


def _mark_if_overdue(invoice_id: UUID) -> bool:
    with writing(None):
        invoice = lock_invoice(invoice_id)
        is_late = clock.today(invoice.issuer["timezone"]) > invoice.due_date and invoice.booking.balance > 0
        if not is_late or InvoiceState.OVERDUE not in INVOICE.targets(invoice.status):
            return False
        _move(invoice, InvoiceState.OVERDUE)
        return True


def void(invoice: Invoice) -> None:
    """A locked invoice is credited in full: it stands no longer, and the booking has none."""
    _move(invoice, InvoiceState.VOID)
    note_invoice(invoice.booking, None)


def _move(invoice: Invoice, to: InvoiceState, *columns: str) -> None:
    INVOICE.check(invoice.status, to)
    invoice.status = to
    invoice.save(update_fields=["status", *columns])
