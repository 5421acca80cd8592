"""Credit notes: what is taken off an issued invoice, which itself never changes."""

from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing.models import CreditNote, Invoice
from apps.billing.services.invoices import number_of, void
from apps.billing.services.locking import lock_invoice
from apps.billing.states import InvoiceState
from apps.bookings.models import EventKind
from apps.bookings.services.transition import record
from medivoy.core import clock
from medivoy.core.errors import GuardFailed, InvalidInput
from medivoy.core.money import ZERO, allocate, fits, format_amount


def credited(invoice: Invoice) -> Decimal:
    """Return how much has been taken off an invoice, tax included."""
    return CreditNote.objects.filter(invoice=invoice).aggregate(total=Sum("amount"))["total"] or ZERO


@transaction.atomic
def credit_invoice(invoice: Invoice, *, amount: Decimal, reason: str, actor: User | None) -> CreditNote:
    """Take `amount` (tax included, in its currency) off an issued invoice; credited in full it is void.

    Raises GuardFailed invoice_void, credit_too_much; InvalidInput for an amount that the currency does not have.
    """
    invoice = lock_invoice(invoice.pk)
    if invoice.status in (InvoiceState.VOID, InvoiceState.DRAFT):
        raise GuardFailed(_("This invoice is void."), code="invoice_void")
    if amount <= 0 or not fits(amount, invoice.currency):
        raise InvalidInput({"amount": [_("This is no amount of %(currency)s.") % {"currency": invoice.currency}]})
    before = credited(invoice)
    if before + amount > invoice.final_amount:
        raise GuardFailed(_("This is more than what is left of the invoice."), code="credit_too_much")
    today = clock.today(invoice.issuer["timezone"])
    note = CreditNote.objects.create(
        credit_note_number=number_of("CN", invoice.issuer_code, today.year),
        invoice=invoice,
        amount=amount,
        tax_amount=_tax_in(invoice, before + amount) - _tax_in(invoice, before),
        currency=invoice.currency,
        credit_date=today,
        reason=reason[:255],
    )
    if before + amount == invoice.final_amount:
        void(invoice)
    record(
        invoice.booking,
        EventKind.PAYMENT,
        actor=actor,
        data={
            "invoice": invoice.invoice_number,
            "credit_note": note.credit_note_number,
            "amount": format_amount(amount, invoice.currency),
            "currency": invoice.currency,
            "status": str(invoice.status),
        },
    )
    return note


def _tax_in(invoice: Invoice, part: Decimal) -> Decimal:
    """Return the tax in the first `part` of an invoice, so that the notes of a whole invoice have all of its tax."""
    net = invoice.final_amount - invoice.tax_amount
    weights = [invoice.tax_amount, net] if net > 0 else [Decimal(1), ZERO]
    return allocate(part, weights, invoice.currency)[0]
