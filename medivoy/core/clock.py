"""The time, asked in one place, so that the demo world and the tests can live at another."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_fixed: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return _fixed.get() or datetime.now(UTC)


def today(zone: str = "UTC") -> date:
    """Return the calendar date that it is now in the IANA zone `zone`."""
    return now().astimezone(ZoneInfo(zone)).date()


def start_of_day(day: date, zone: str) -> datetime:
    """Return the instant in UTC at which `day` begins in `zone`; right over gaps of summer time."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def end_of_day(day: date, zone: str) -> datetime:
    """Return the instant in UTC at which `day` is over in `zone` (the next day's beginning)."""
    return start_of_day(day + timedelta(days=1), zone)


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
