"""What lines add up to: each amount rounded once, tax by rate on top, the total on the payable step."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.bookings.models import QuotationLine
from medivoy.core.money import ZERO, allocate, quantize, round_to_step


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums in one currency; `rounding` brings their sum to the payable step and may be negative."""

    subtotal: Decimal
    tax: Decimal
    rounding: Decimal

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.tax + self.rounding


def compute_totals(lines: Sequence[QuotationLine], currency: str) -> Totals:
    """Write amount and tax of each line (unsaved), and return what those that count add up to.

    Tax is computed once for all lines of a rate and shared among them by largest remainder, so that the lines add up
    to the last cent. Lines that do not count show their amount and no tax.
    """
    by_rate: dict[Decimal, list[QuotationLine]] = defaultdict(list)
    for line in lines:
        line.amount, line.tax_amount = quantize(line.net(), currency), ZERO
        if line.counts:
            by_rate[line.tax_rate].append(line)
    subtotal, tax = ZERO, ZERO
    for rate, taxed in by_rate.items():
        amounts = [line.amount for line in taxed]
        tax_of_rate = quantize(sum(amounts, ZERO) * rate / 100, currency)
        for line, share in zip(taxed, allocate(tax_of_rate, amounts, currency), strict=True):
            line.tax_amount = share
        subtotal += sum(amounts, ZERO)
        tax += tax_of_rate
    return Totals(subtotal, tax, round_to_step(subtotal + tax, currency) - subtotal - tax)
