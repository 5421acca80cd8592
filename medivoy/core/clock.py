"""The time, asked in one place, so that the demo world and the tests can live at another."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from medivoy.core.errors import InvalidInput

# No day of a person's life lies outside, and every one inside is an instant in every zone.
FIRST_DAY, LAST_DAY = date(1800, 1, 1), date(2999, 12, 31)

_fixed: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return _fixed.get() or datetime.now(UTC)


def today(zone: str = "UTC") -> date:
    """Return the calendar date that it is now in the IANA zone `zone`."""
    return now().astimezone(ZoneInfo(zone)).date()


def is_reachable(day: date) -> bool:
    """Whether `day` is one that people live through."""
    return FIRST_DAY <= day <= LAST_DAY


def start_of_day(day: date, zone: str) -> datetime:
    """Return the instant in UTC at which `day` begins in `zone`; right over gaps of summer time.

    Raises InvalidInput for a day out of reach, such as 9999-12-31, whose end no calendar knows (T57).
    """
    _refuse_unless_reachable(day)
    return _begin(day, zone)


def end_of_day(day: date, zone: str) -> datetime:
    """Return the instant in UTC at which `day` is over in `zone` (the next day's beginning)."""
    _refuse_unless_reachable(day)
    return _begin(day + timedelta(days=1), zone)


def _begin(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def _refuse_unless_reachable(day: date) -> None:
    if not is_reachable(day):
        raise InvalidInput(message=_("This day is out of reach."))


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Let `now()` be `instant` inside the block, in this thread only."""
    if instant.tzinfo is None:
        raise ValueError("an instant has a time zone")
    token = _fixed.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)


@cache
def zones() -> frozenset[str]:
    """Return the IANA names that this machine knows."""
    return frozenset(available_timezones())


def validate_zone(value: str) -> None:
    """Refuse what is not an IANA name. Raises Django's ValidationError."""
    if value not in zones():
        raise ValidationError(_("This is not an IANA time zone, such as Asia/Kolkata."), code="unknown_zone")
