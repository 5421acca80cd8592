"""The receipt of one completed payment on paper, with the account as that payment left it."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from apps.billing.documents.sheet import Sheet
from apps.billing.models import BankReceipt, Payment, Receipt, Refund
from apps.billing.services.issuers import bill_to, issuer_of
from apps.bookings.models import Adjustment
from apps.notifications.channels.message import Attachment
from medivoy.core.money import ZERO


def receipt_pdf(receipt: Receipt, language: str) -> bytes:
    """Return the receipt as a PDF in `language`."""
    payment = receipt.payment
    booking = payment.booking
    issuer = issuer_of(booking)
    sheet = Sheet(language, payment.currency)
    with translation.override(language):
        paper = sheet.document(
            _("Receipt"),
            receipt.receipt_number,
            issuer=issuer.details,
            recipient=sheet.party(bill_to(booking), _("Received from")),
            issued_at=receipt.created_at,
        )
        paper.facts(_facts(payment, sheet, issuer.zone))
        headers = [_("Description"), _("Amount")]
        paid_for = _("Payment on booking %(number)s") % {"number": booking.booking_number}
        paper.table(headers, [[paid_for, sheet.money(payment.amount)]], ["start", "end"])
        paper.totals([(_("Amount received"), sheet.money(payment.amount), True)])
        account = _account(payment, sheet)
        if account:
            paper.paragraph(_("As this payment left it."), heading=_("The account of this booking"))
            paper.totals(account)
        return paper.render()


def attach(pk: UUID, language: str) -> Attachment:
    """Return the receipt as a mail carries it."""
    receipt = Receipt.objects.select_related("payment__booking__hospital", "payment__patient__user").get(pk=pk)
    return Attachment(f"{receipt.receipt_number}.pdf", receipt_pdf(receipt, language), "application/pdf")


def _facts(payment: Payment, sheet: Sheet, zone: str) -> list[tuple[str, str]]:
    facts = [
        (_("Date"), sheet.day_of(payment.payment_date or payment.created_at, zone)),
        (_("Booking"), payment.booking.booking_number),
        (_("Payment number"), payment.transaction_id),
        (_("Paid by"), str(payment.get_payment_gateway_display())),
    ]
    transfer = BankReceipt.objects.filter(payment=payment).first()
    if transfer:
        facts += [(_("Bank reference"), transfer.reference), (_("Value date"), sheet.day(transfer.value_date))]
    return facts


def _account(payment: Payment, sheet: Sheet) -> list[tuple[str, str, bool]]:
    """Return agreed, adjusted, paid and balance as they were when this payment was booked; none after the end."""
    booking, then = payment.booking, payment.payment_date
    ended = booking.amount_kept is not None and booking.status_since < (then or booking.status_since)
    if booking.total_amount is None or ended:
        return []
    paid = _sum(Payment.objects.completed().filter(booking=booking, payment_date__lte=then))
    refunded = _sum(Refund.objects.completed().filter(booking=booking, completed_at__lte=then))
    adjusted = _sum(Adjustment.objects.filter(booking=booking, created_at__lte=then))
    lines = [(_("Agreed total"), sheet.money(booking.total_amount), False)]
    if adjusted:
        lines.append((_("Adjusted"), sheet.money(-adjusted), False))
    lines.append((_("Paid, less refunds"), sheet.money(refunded - paid), False))
    return [*lines, (_("Balance"), sheet.money(booking.total_amount - adjusted - paid + refunded), True)]


def _sum(rows: QuerySet[Any]) -> Decimal:
    return rows.aggregate(total=Sum("amount"))["total"] or ZERO
