"""Dates, money and numbers as each of the five languages writes them, always in Latin digits.

Amounts are copied into banking forms and codes are read out on the phone, so Arabic and Hindi texts show the same
digits as the rest. Babel's Arabic comes with direction marks; they belong to the text and `Text` obeys them.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers

from medivoy.core.money import decimals, quantize
from medivoy.core.pdf.fonts import can_draw

NBSP = "\u00a0"
# English is read by patients from everywhere: day before month, 24 hours, and US$ where "$" could be anyone's.
LOCALES = {"en": "en_GB"}
DateStyle = Literal["medium", "long", "full"]


def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES.get(language, language), sep="_")


def format_date(day: date, language: str, style: DateStyle = "long") -> str:
    """Return a calendar date with its month in words: 22 November 2026 in the order of `language`."""
    return dates.format_date(day, style, locale=_locale(language))


def format_instant(instant: datetime, zone: str, language: str) -> str:
    """Return `instant` as the clocks of the IANA zone `zone` show it, to the minute, with their distance from GMT."""
    local = instant.astimezone(ZoneInfo(zone))
    day = dates.format_date(local, "long", locale=_locale(language))
    time = dates.format_time(local, "short", tzinfo=local.tzinfo, locale=_locale(language))
    pattern = str(dates.get_datetime_format("medium", _locale(language))).replace("'", "")
    offset = dates.get_timezone_gmt(local, "long", locale=_locale(language))
    return f"{pattern.format(time, day)} ({offset})"


def format_money(amount: Decimal, currency: str, language: str) -> str:
    """Return `amount` with all decimals of its currency (JPY 0, KWD 3), rounded half up, and its sign or code.

    The code stands where the language's sign is in none of our faces (the baht's).
    """
    locale = _locale(language)
    pattern = locale.currency_formats["standard"].pattern
    if not can_draw(numbers.get_currency_symbol(currency, locale)):
        pattern = pattern.replace("¤", "¤¤")
    places = decimals(currency)
    text = _apply(pattern, quantize(amount, currency), locale, (places, places), currency)
    # CLDR sets a code off from its number; Babel does not know that rule.
    return re.sub(r"([A-Za-z])(?=\d)", rf"\1{NBSP}", text)


def format_number(value: Decimal | int, language: str) -> str:
    """Return a plain number with the language's grouping and decimal sign, to three decimals at most."""
    return numbers.format_decimal(value, locale=_locale(language))


def format_percent(share: Decimal, language: str) -> str:
    """Return a share of one as a percentage, to two decimals at most: 0.125 is 12.5%."""
    locale = _locale(language)
    return _apply(locale.percent_formats[None].pattern, share, locale, (0, 2))


def _apply(pattern: str, value: Decimal, locale: Locale, places: tuple[int, int], currency: str | None = None) -> str:
    """Write `value` by a CLDR pattern with the decimals `places` (least, most) instead of its own."""
    parsed = numbers.parse_pattern(pattern)
    parsed.frac_prec = places
    return str(parsed.apply(value, locale, currency=currency, currency_digits=False))
