"""Invoices: issued once, numbered without a gap, sent, paid, corrected by credit notes."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.billing.models import CreditNote, Invoice
from apps.bookings.models import Booking


@dataclass(frozen=True, slots=True)
class Issued:
    """The invoice of a booking, and whether this call issued it (201) or found it (200)."""

    invoice: Invoice
    is_new: bool


def issue_invoice(booking: Booking, *, actor: Any) -> Issued:
    """Issue the invoice of a booking and mail it, or return the one that exists.

    Possible where nothing is owed, or the booking is completed; else GuardFailed not_invoiceable (409).
    """


def send_invoice(invoice: Invoice, *, actor: Any) -> Invoice:
    """Mail the invoice to the patient (again). Raises GuardFailed invoice_void."""


def credit_invoice(invoice: Invoice, *, amount: Decimal, reason: str, actor: Any) -> CreditNote:
    """Take `amount` (gross, in its currency) off an issued invoice by a numbered credit note; credited in full: void."""
