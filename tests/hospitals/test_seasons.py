"""Seasons of a price: which day is in which, and what is no list of seasons."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from apps.hospitals.seasons import DAYS_OF_A_YEAR, percent_on, validate_seasons

SUMMER = {"from": "06-01", "to": "08-31", "percent": 120}
NEW_YEAR = {"from": "12-15", "to": "01-10", "percent": 150.5}


@pytest.mark.parametrize(
    ("day", "percent"),
    [
        (date(2027, 5, 31), "100"),
        (date(2027, 6, 1), "120"),
        (date(2027, 8, 31), "120"),
        (date(2027, 9, 1), "100"),
        (date(2027, 12, 15), "150.5"),
        (date(2028, 1, 10), "150.5"),
        (date(2028, 1, 11), "100"),
    ],
)
def test_both_ends_belong_to_a_season_also_over_the_new_year(day, percent):
    assert percent_on([SUMMER, NEW_YEAR], day) == Decimal(percent)


def test_a_leap_day_has_a_price():
    assert percent_on([{"from": "02-29", "to": "02-29", "percent": 90}], date(2028, 2, 29)) == 90


@pytest.mark.parametrize(
    "seasons",
    [
        None,
        {},
        "06-01",
        [1],
        [{"from": "06-01", "to": "08-31"}],
        [SUMMER | {"name": "x"}],
        [SUMMER | {"from": "6-1"}],
        [SUMMER | {"from": "02-30"}],
        [SUMMER | {"from": 601}],
        [SUMMER | {"percent": "120"}],
        [SUMMER | {"percent": 0}],
        [SUMMER | {"percent": -10}],
        [SUMMER | {"percent": 1001}],
        [SUMMER | {"percent": True}],
        [SUMMER | {"percent": float("nan")}],
        [SUMMER, SUMMER],
        [NEW_YEAR, {"from": "01-10", "to": "02-01", "percent": 80}],
    ],
)
def test_what_is_no_list_of_seasons_or_prices_a_day_twice_is_refused(seasons):
    with pytest.raises(ValidationError):
        validate_seasons(seasons)


def test_good_seasons_pass():
    validate_seasons([])
    validate_seasons([SUMMER, NEW_YEAR])


@given(st.sampled_from(DAYS_OF_A_YEAR), st.sampled_from(DAYS_OF_A_YEAR), st.integers(0, 365))
def test_a_season_has_as_many_days_as_lie_between_its_ends(first, last, offset):
    season = {"from": first, "to": last, "percent": 110}
    days = [date(2000, 1, 1) + timedelta(days=n) for n in range(366)]
    covered = sum(percent_on([season], day) == 110 for day in days)
    begin, end = DAYS_OF_A_YEAR.index(first), DAYS_OF_A_YEAR.index(last)
    assert covered == (end - begin) % 366 + 1
