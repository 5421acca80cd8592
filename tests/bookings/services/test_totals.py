"""What lines add up to."""

from decimal import Decimal
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from apps.bookings.models import LineKind, QuotationLine
from apps.bookings.services.totals import compute_totals
from medivoy.core.money import fits, payable_step, quantize

CURRENCIES = ["JPY", "USD", "KWD", "ISK", "VND"]


def line(unit_price, **columns):
    columns.setdefault("quantity", Decimal(1))
    columns.setdefault("tax_rate", Decimal(0))
    return QuotationLine(unit_price=Decimal(unit_price), **columns)


def test_tax_is_added_on_top_by_rate_and_the_lines_add_up_to_the_last_cent():
    lines = [line("33.33", tax_rate=Decimal(5)) for _ in range(3)]
    totals = compute_totals(lines, "USD")
    assert (totals.subtotal, totals.tax, totals.rounding) == (Decimal("99.99"), Decimal("5.00"), 0)
    assert [row.tax_amount for row in lines] == [Decimal("1.67"), Decimal("1.67"), Decimal("1.66")]


def test_only_included_and_chosen_lines_add_up():
    lines = [
        line("100", kind=LineKind.INCLUDED),
        line("50", kind=LineKind.OPTIONAL, is_chosen=True),
        line("30", kind=LineKind.OPTIONAL),
        line("20", kind=LineKind.POSSIBLE_EXTRA, unit_price_to=Decimal(40)),
    ]
    assert compute_totals(lines, "USD").total == Decimal(150)
    assert [row.amount for row in lines] == [100, 50, 30, 20]


def test_a_rounding_line_brings_the_total_to_what_can_be_paid():
    totals = compute_totals([line("99.993")], "KWD")
    assert (totals.subtotal, totals.rounding, totals.total) == (
        Decimal("99.993"),
        Decimal("-0.003"),
        Decimal("99.990"),
    )


rates = st.sampled_from([Decimal(0), Decimal(5), Decimal("7.5"), Decimal("12.36"), Decimal(19)])
prices = st.integers(0, 10**7)
quantities = st.integers(1, 10**4).map(lambda n: Decimal(n) / 100)


@given(st.sampled_from(CURRENCIES), st.lists(st.tuples(prices, quantities, rates), min_size=1, max_size=8))
def test_whatever_the_lines_they_add_up_exactly(currency, rows):
    step_ = payable_step(currency)
    lines = [line(quantize(Decimal(p) / 1000, currency), quantity=q, tax_rate=r) for p, q, r in rows]
    totals = compute_totals(lines, currency)
    assert sum(row.amount for row in lines) == totals.subtotal
    assert sum(row.tax_amount for row in lines) == totals.tax
    assert totals.total % step_ == 0
    assert abs(totals.rounding) <= step_ / 2
    assert all(fits(row.amount, currency) and fits(row.tax_amount, currency) for row in lines)
    by_rate = groupby(sorted(lines, key=lambda row: row.tax_rate), key=lambda row: row.tax_rate)
    for rate, taxed in by_rate:
        rows_of_rate = list(taxed)
        exact = sum(row.amount for row in rows_of_rate) * rate / 100
        assert sum(row.tax_amount for row in rows_of_rate) == quantize(exact, currency)
