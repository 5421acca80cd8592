"""Money: Decimals in a currency's own number of decimals, never a float, never a sum over two currencies.

Decimals per currency follow ISO 4217 as Babel's CLDR data has them.
"""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cache

from babel.numbers import format_decimal, get_currency_precision, list_currencies
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# CLDR lists the decimals that shops use; banks and gateways use the ISO table, which has more for these.
ISO_4217_DECIMALS = {
    **dict.fromkeys(("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MMK", "RSD", "SOS", "SYP", "YER"), 2),
    "IQD": 3,
}
ZERO = Decimal(0)
# The widest amount that NUMERIC(18,3) holds.
LARGEST = Decimal("999999999999999.999")


@cache
def currencies() -> frozenset[str]:
    """Return the ISO 4217 codes that Babel knows."""
    return frozenset(list_currencies())


@cache
def decimals(currency: str) -> int:
    """Return how many decimals `currency` has: JPY 0, USD 2, KWD 3."""
    return ISO_4217_DECIMALS.get(currency, get_currency_precision(currency))


@cache
def minor_unit(currency: str) -> Decimal:
    """Return the smallest amount of `currency`: 1, 0.01 or 0.001."""
    return Decimal(1).scaleb(-decimals(currency))


@cache
def payable_step(currency: str) -> Decimal:
    """Return the step in which `currency` can be paid: its minor unit, 0.010 where it has three decimals."""
    return Decimal("0.010") if decimals(currency) == 3 else minor_unit(currency)


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's decimals."""
    return amount.quantize(minor_unit(currency), ROUND_HALF_UP)


def round_to_step(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the payable step."""
    step = payable_step(currency)
    return (amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step


def round_down_to_step(amount: Decimal, currency: str) -> Decimal:
    """Round towards zero to the payable step."""
    step = payable_step(currency)
    return (amount / step).quantize(Decimal(1), ROUND_DOWN) * step


def fits(amount: Decimal, currency: str) -> bool:
    """Whether `amount` has no more decimals than `currency`."""
    return amount == amount.quantize(minor_unit(currency), ROUND_DOWN)


def allocate(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split `total` by `weights` so that the parts add up to it exactly (largest remainder).

    All weights zero: everything goes to the last part.
    """
    unit = minor_unit(currency)
    whole = sum(weights, ZERO)
    if not whole:
        return [ZERO] * (len(weights) - 1) + [total] if weights else []
    exact = [total * weight / whole for weight in weights]
    parts = [(share / unit).quantize(Decimal(1), ROUND_DOWN) * unit for share in exact]
    left = int(((total - sum(parts, ZERO)) / unit).to_integral_value())
    step = unit if left > 0 else -unit
    by_remainder = sorted(range(len(parts)), key=lambda i: abs(exact[i] - parts[i]), reverse=True)
    for i in by_remainder[: abs(left)]:
        parts[i] += step
    return parts


def format_amount(amount: Decimal, currency: str) -> str:
    """Return the amount as the API writes it: exactly the currency's decimals, a point, no grouping."""
    return f"{quantize(amount, currency):f}"


def display_amount(amount: Decimal, currency: str) -> str:
    """Return the amount as a sentence says it, in the language at work: 2,310.000 KWD, always in Latin digits."""
    places = "0" * decimals(currency)
    pattern = f"#,##0.{places}" if places else "#,##0"
    number = format_decimal(quantize(amount, currency), format=pattern, locale=get_language() or "en")
    return f"{number} {currency}"


def validate_currency(value: str) -> None:
    """Refuse what is not an ISO 4217 code. Raises Django's ValidationError."""
    if value not in currencies():
        raise ValidationError(_("This is not an ISO 4217 currency code."), code="invalid_currency")


class MoneyField(models.DecimalField):  # type: ignore[type-arg]
    """An amount in the currency that stands in the same row: NUMERIC(18,3)."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 3)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]


class CurrencyField(models.CharField):  # type: ignore[type-arg]
    """An ISO 4217 code."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("max_length", 3)
        kwargs.setdefault("validators", [validate_currency])
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
