"""What a package costs, in Python and in SQL alike."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.hospitals.models import Package
from apps.hospitals.seasons import DAYS_OF_A_YEAR
from apps.hospitals.services.pricing import package_price
from medivoy.core import money
from tests.factories.hospitals import PackageFactory

PEAK = [{"from": "12-15", "to": "01-10", "percent": 150}]
DAYS = st.integers(0, 3000).map(lambda n: date(2026, 1, 1) + timedelta(days=n))


def package(**fields):
    return Package(**({"base_price": Decimal("7000"), "currency": "USD", "seasonal_pricing": PEAK} | fields))


def test_the_season_of_the_travel_day_decides():
    assert package_price(package(), travel_date=date(2027, 1, 1)) == Decimal("10500.00")
    assert package_price(package(), travel_date=date(2027, 3, 1)) == Decimal("7000.00")
    assert package_price(package(), travel_date=None) == Decimal("7000.00")


def test_travellers_pay_what_was_shown_for_one_each():
    thirds = package(base_price=Decimal("100"), seasonal_pricing=[{"from": "01-01", "to": "12-31", "percent": 33.333}])
    assert package_price(thirds, travel_date=date(2027, 1, 1)) == Decimal("33.33")
    assert package_price(thirds, travel_date=date(2027, 1, 1), travellers=3) == Decimal("99.99")


@pytest.mark.parametrize(("currency", "expected"), [("JPY", "10501"), ("KWD", "10501.100"), ("USD", "10501.10")])
def test_a_price_is_a_multiple_of_the_payable_step(currency, expected):
    one = package(base_price=Decimal("7000.731"), currency=currency)
    assert package_price(one, travel_date=date(2027, 1, 1)) == Decimal(expected)


@given(
    st.integers(1, 10**9), st.sampled_from(["JPY", "USD", "KWD", "ISK"]), st.integers(1, 1000), DAYS, st.integers(1, 9)
)
def test_any_price_is_payable_and_adds_up(amount, currency, percent, day, travellers):
    priced = package(
        base_price=amount * money.minor_unit(currency),
        currency=currency,
        seasonal_pricing=[{"from": "06-01", "to": "02-01", "percent": percent}],
    )
    single = package_price(priced, travel_date=day)
    assert single % money.payable_step(currency) == 0
    assert package_price(priced, travel_date=day, travellers=travellers) == single * travellers


@pytest.mark.django_db
def test_sql_says_of_each_day_what_python_says():
    seasons = [
        {"from": "12-15", "to": "01-10", "percent": 150},
        {"from": "02-29", "to": "03-05", "percent": 80.5},
        {"from": "06-01", "to": "06-01", "percent": 120},
    ]
    row = PackageFactory(base_price=Decimal("1000"), seasonal_pricing=seasons)
    for name in DAYS_OF_A_YEAR:
        day = date.fromisoformat(f"2028-{name}")
        in_sql = Package.objects.priced_for(day).get(pk=row.pk).price_then
        assert in_sql == package_price(row, travel_date=day), name
