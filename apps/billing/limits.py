"""From which amount on a second pair of eyes is needed: limits in USD, read at face value in other currencies."""

from decimal import Decimal

from django.conf import settings

# Roughly how many units of a currency are worth one US dollar: these draw a line for care, they convert no money.
# What is not listed counts one to one.
LIMIT_FACTORS: dict[str, Decimal] = {
    code: Decimal(units)
    for code, units in {
        "AED": "3.5",
        "BDT": "120",
        "BHD": "0.4",
        "CNY": "7",
        "EGP": "50",
        "IDR": "16000",
        "INR": "85",
        "JPY": "150",
        "KES": "130",
        "KRW": "1400",
        "KWD": "0.3",
        "LKR": "300",
        "MYR": "4.5",
        "NGN": "1500",
        "OMR": "0.4",
        "PHP": "57",
        "PKR": "280",
        "QAR": "3.5",
        "SAR": "3.75",
        "THB": "35",
        "TRY": "35",
        "VND": "25000",
        "ZAR": "18",
    }.items()
}


def _is_above(amount: Decimal, currency: str, limit: int) -> bool:
    return amount > limit * LIMIT_FACTORS.get(currency, Decimal(1))


def needs_second_person(amount: Decimal, currency: str) -> bool:
    """Whether a bank transfer of `amount` is completed only by a second person."""
    return _is_above(amount, currency, settings.BANK_TRANSFER_SECOND_PERSON_ABOVE)


def needs_admin(amount: Decimal, currency: str) -> bool:
    """Whether an adjustment of `amount`, in either direction, is an admin's to make."""
    return _is_above(abs(amount), currency, settings.ADJUSTMENT_ADMIN_ABOVE)
