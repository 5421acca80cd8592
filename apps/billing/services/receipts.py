"""Receipts: one for each completed payment, with a number of its own."""

from django.utils.translation import gettext_lazy as _

from apps.billing.models import Payment, Receipt
from medivoy.core.errors import GuardFailed
from medivoy.core.numbers import next_number


def write_receipt(payment: Payment) -> Receipt:
    """Write the receipt of a payment that has just been completed, in the same transaction."""
    return Receipt.objects.create(receipt_number=next_number("RC"), payment=payment)


def receipt_of(payment: Payment) -> Receipt:
    """Return the receipt of a payment. Raises GuardFailed not_completed until there is one."""
    receipt = Receipt.objects.filter(payment=payment).first()
    if receipt is None:
        raise GuardFailed(_("There is a receipt once the payment is completed."), code="not_completed")
    return receipt
