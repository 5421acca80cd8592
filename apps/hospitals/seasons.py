"""Seasons of a price: [{"from": "MM-DD", "to": "MM-DD", "percent": 110}], each day in one of them at most.

A season may run over the end of the year ("12-15" to "01-10"); days in no season cost 100 percent.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

Season = Mapping[str, Any]

FULL = Decimal(100)
HIGHEST_PERCENT = 1000
MOST_SEASONS = 50
# Any leap year will do: it has all the days that a season may name.
DAYS_OF_A_YEAR = tuple(f"{date(2000, 1, 1) + timedelta(days=n):%m-%d}" for n in range(366))


def covers(season: Season, day: str) -> bool:
    """Whether `day` ("MM-DD") lies in the season; both its ends do."""
    first, last = season["from"], season["to"]
    return bool(first <= day <= last if first <= last else day >= first or day <= last)


def percent_on(seasons: Sequence[Season], day: date) -> Decimal:
    """Return the percentage of the base price that holds on `day`."""
    name = f"{day:%m-%d}"
    season = next((season for season in seasons if covers(season, name)), None)
    return Decimal(str(season["percent"])) if season else FULL


def validate_seasons(seasons: Any) -> None:
    """Refuse what is not a list of seasons, or lets a day have two prices. Raises Django's ValidationError."""
    if not isinstance(seasons, list) or len(seasons) > MOST_SEASONS or not all(_is_season(item) for item in seasons):
        raise ValidationError(
            _('Seasons are a list like [{"from": "06-01", "to": "08-31", "percent": 120}].'), code="invalid_seasons"
        )
    for day in DAYS_OF_A_YEAR:
        if sum(covers(season, day) for season in seasons) > 1:
            raise ValidationError(_("Two seasons have the day %(day)s."), code="overlap", params={"day": day})


def _is_season(item: Any) -> bool:
    if not isinstance(item, dict) or set(item) != {"from", "to", "percent"}:
        return False
    percent = item["percent"]
    is_number = isinstance(percent, int | float) and not isinstance(percent, bool)
    return (
        item["from"] in DAYS_OF_A_YEAR and item["to"] in DAYS_OF_A_YEAR and is_number and 0 < percent <= HIGHEST_PERCENT
    )
