"""The invoice on paper: its lines as issued, what was paid and credited since, what is still owed."""

from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from apps.billing.documents.sheet import Sheet
from apps.billing.models import Invoice, InvoiceLine, LineKind, Payment, Refund
from apps.billing.states import InvoiceState
from apps.notifications.channels.message import Attachment
from medivoy.core.money import ZERO
from medivoy.core.pdf.document import Document


def invoice_pdf(invoice: Invoice, language: str) -> bytes:
    """Return the invoice as a PDF in `language`."""
    sheet = Sheet(language, invoice.currency)
    with translation.override(language):
        paper = sheet.document(
            _("Invoice"),
            invoice.invoice_number,
            issuer=invoice.issuer,
            recipient=sheet.party(invoice.bill_to, _("Bill to")),
            issued_at=invoice.created_at,
        )
        _add_facts(paper, invoice, sheet)
        _add_lines(paper, invoice, sheet)
        _add_money(paper, invoice, sheet)
        if invoice.status == InvoiceState.VOID:
            paper.paragraph(_("This invoice was credited in full and is void."))
        return paper.render()


def attach(pk: UUID, language: str) -> Attachment:
    """Return the invoice as a mail carries it."""
    invoice = Invoice.objects.for_detail().get(pk=pk)
    return Attachment(f"{invoice.invoice_number}.pdf", invoice_pdf(invoice, language), "application/pdf")


def _add_facts(paper: Document, invoice: Invoice, sheet: Sheet) -> None:
    booking = invoice.booking
    facts = [
        (_("Invoice date"), sheet.day(invoice.invoice_date)),
        (_("Payable by"), sheet.day(invoice.due_date)),
        (_("Booking"), booking.booking_number),
        (_("Hospital"), booking.hospital.name),
    ]
    if booking.admitted_on:
        facts.append((_("Admission"), sheet.day(booking.admitted_on)))
    if booking.discharged_on:
        facts.append((_("Discharge"), sheet.day(booking.discharged_on)))
    paper.facts(facts)


def _add_lines(paper: Document, invoice: Invoice, sheet: Sheet) -> None:
    rows = [_line(line, sheet) for line in invoice.lines.all()]
    headers = [_("Description"), _("Quantity"), _("Unit price"), _("Tax rate"), _("Amount")]
    paper.table(headers, rows, ["start", "end", "end", "end", "end"])
    totals = [(_("Subtotal"), sheet.money(invoice.total_amount), False)]
    if invoice.discount_amount:
        totals.append((_("Discount"), sheet.money(-invoice.discount_amount), False))
    totals += [
        (_("Tax"), sheet.money(invoice.tax_amount), False),
        (_("Total"), sheet.money(invoice.final_amount), True),
    ]
    paper.totals(totals)


def _line(line: InvoiceLine, sheet: Sheet) -> list[str]:
    if line.kind == LineKind.ROUNDING:
        return [_("Rounding"), "", "", "", sheet.money(line.amount)]
    return [
        line.description,
        sheet.number(line.quantity),
        sheet.money(line.unit_price),
        sheet.percent(line.tax_rate),
        sheet.money(line.amount),
    ]


def _add_money(paper: Document, invoice: Invoice, sheet: Sheet) -> None:
    """Add each payment, refund and credit note, then what they leave."""
    booking, zone = invoice.booking, invoice.issuer["timezone"]
    rows = [
        [sheet.day_of(payment.payment_date, zone), _("Payment"), payment.transaction_id, sheet.money(payment.amount)]
        for payment in Payment.objects.completed().filter(booking=booking).order_by("payment_date", "id")
        if payment.payment_date
    ]
    rows += [
        [sheet.day_of(refund.completed_at, zone), _("Refund"), refund.refund_number, sheet.money(-refund.amount)]
        for refund in Refund.objects.completed().filter(booking=booking).order_by("completed_at", "id")
        if refund.completed_at
    ]
    notes = list(invoice.credit_notes.all())
    rows += [
        [sheet.day(note.credit_date), _("Credit note"), note.credit_note_number, sheet.money(note.amount)]
        for note in notes
    ]
    if rows:
        paper.table([_("Date"), _("Kind"), _("Number"), _("Amount")], rows, ["start", "start", "start", "end"])
    credited = sum((note.amount for note in notes), ZERO)
    totals = [(_("Invoice total"), sheet.money(invoice.final_amount), False)]
    if credited:
        totals.append((_("Credited"), sheet.money(-credited), False))
    if booking.amount_adjusted:
        totals.append((_("Adjusted"), sheet.money(-booking.amount_adjusted), False))
    totals.append((_("Paid, less refunds"), sheet.money(-booking.net_paid), False))
    paper.totals([*totals, (_("Balance"), sheet.money(booking.balance), True)])
