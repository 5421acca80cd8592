"""Money that came by bank: read off the statement by a coordinator, confirmed by a second person above a limit."""

from datetime import date
from decimal import Decimal
from typing import Any

from apps.billing.models import BankReceipt, Payment
from apps.bookings.models import Booking


def confirm(
    payment: Payment,
    *,
    actor: Any,
    value_date: date,
    sender: str,
    reference: str,
    amount: Decimal,
    currency: str,
    proof: str,
) -> Payment:
    """Book the money that arrived for an announced bank transfer; the payment takes the amount received.

    Above the limit the first call leaves it `processing` and another person's call completes it; the same person's is
    SecondPersonNeeded (409). A reference counts once: ReferenceUsed (409). Another currency is InvalidInput.
    """


def record_receipt(
    *, actor: Any, value_date: date, sender: str, reference: str, amount: Decimal, currency: str, proof: str
) -> BankReceipt:
    """Keep money that arrived and belongs to no known booking yet. Raises ReferenceUsed, InvalidInput."""


def apply_receipt(receipt: BankReceipt, booking: Booking, *, actor: Any) -> Payment:
    """Book a recorded receipt on a booking, by its announced transfer or one made for it; above the limit as confirm.

    Raises GuardFailed receipt_already_applied, SecondPersonNeeded, PaymentInProgress; InvalidInput for another
    currency.
    """
