"""A credit note on paper: what is taken off which invoice."""

from django.utils import translation
from django.utils.translation import gettext as _

from apps.billing.documents.sheet import Sheet
from apps.billing.models import CreditNote


def credit_note_pdf(note: CreditNote, language: str) -> bytes:
    """Return the credit note as a PDF in `language`; issuer and recipient are its invoice's."""
    invoice = note.invoice
    sheet = Sheet(language, note.currency)
    with translation.override(language):
        paper = sheet.document(
            _("Credit note"),
            note.credit_note_number,
            issuer=invoice.issuer,
            recipient=sheet.party(invoice.bill_to, _("Credit to")),
            issued_at=note.created_at,
        )
        paper.facts(
            [
                (_("Date"), sheet.day(note.credit_date)),
                (_("For invoice"), invoice.invoice_number),
                (_("Invoice date"), sheet.day(invoice.invoice_date)),
                (_("Booking"), invoice.booking.booking_number),
            ]
        )
        taken_off = _("Credit on invoice %(number)s") % {"number": invoice.invoice_number}
        net = note.amount - note.tax_amount
        paper.table([_("Description"), _("Amount")], [[taken_off, sheet.money(net)]], ["start", "end"])
        paper.totals(
            [
                (_("Subtotal"), sheet.money(net), False),
                (_("Tax"), sheet.money(note.tax_amount), False),
                (_("Credited"), sheet.money(note.amount), True),
            ]
        )
        return paper.render()
