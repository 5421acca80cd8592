"""Dates and money in five languages: right decimals, Latin digits, order kept on Arabic paper."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from medivoy.core.money import currencies, decimals
from medivoy.core.pdf.fonts import can_draw
from medivoy.core.pdf.format import format_date, format_instant, format_money, format_number, format_percent
from medivoy.core.pdf.layout import lay_out
from medivoy.core.pdf.plain import clean

LANGUAGES = ("en", "ar", "hi", "es", "fr")
DEMO_CURRENCIES = ("INR", "AED", "THB", "EUR", "USD", "KWD", "JPY", "BHD", "SAR", "GBP")
INSTANT = datetime(2026, 11, 22, 20, 35, tzinfo=UTC)


@pytest.mark.parametrize(
    ("currency", "language", "text"),
    [
        ("USD", "en", "US$1,234,567.80"),
        ("KWD", "en", "KWD\u00a01,234,567.800"),
        ("JPY", "en", "JP¥1,234,568"),
        ("INR", "en", "₹1,234,567.80"),
        ("THB", "hi", "THB\u00a012,34,567.80"),
        ("INR", "hi", "₹12,34,567.80"),
        ("KWD", "ar", "\u200f1,234,567.800\u00a0د.ك.\u200f"),
        ("AED", "ar", "\u200f1,234,567.80\u00a0د.إ.\u200f"),
        ("EUR", "es", "1.234.567,80\u00a0€"),
        ("KWD", "es", "1.234.567,800\u00a0KWD"),
        ("AED", "fr", "1\u202f234\u202f567,80\u00a0AED"),
        ("JPY", "fr", "1\u202f234\u202f568\u00a0JPY"),
    ],
)
def test_money(currency, language, text):
    assert format_money(Decimal("1234567.8"), currency, language) == text


def test_money_rounds_half_up_and_keeps_its_sign():
    assert format_money(Decimal("0.125"), "EUR", "en") == "€0.13"
    assert format_money(Decimal("-0.125"), "EUR", "en") == "-€0.13"
    assert format_money(Decimal("0"), "KWD", "fr") == "0,000\u00a0KWD"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_currency_is_drawn_with_its_own_decimals(language):
    for currency in currencies():
        text = format_money(Decimal("-1234567.125"), currency, language)
        assert can_draw("".join(char for char in text if char not in "\u200e\u200f")), text
        digits = re.sub(r"[^0-9]", "", text)
        assert digits.startswith("1234567")
        assert len(digits) == 7 + decimals(currency), text


@pytest.mark.parametrize("currency", DEMO_CURRENCIES)
def test_amounts_keep_their_order_on_arabic_paper(currency):
    text = format_money(Decimal("-1234567.125"), currency, "ar")
    number = re.search(r"-[\d,.]*\d", text)[0]
    [line] = lay_out(text, 99, language="ar")
    assert number in "".join(glyph.text for piece in line.pieces for glyph in piece.glyphs)


def test_dates():
    assert [format_date(date(2026, 11, 2), language) for language in LANGUAGES] == [
        "2 November 2026",
        "2 نوفمبر 2026",
        "2 नवंबर 2026",
        "2 de noviembre de 2026",
        "2 novembre 2026",
    ]
    assert format_date(date(2026, 11, 2), "fr", "full") == "lundi 2 novembre 2026"


def test_instants_show_the_zone_they_are_read_in():
    assert [format_instant(INSTANT, "Asia/Kolkata", language) for language in LANGUAGES] == [
        "23 November 2026, 02:05 (GMT+05:30)",
        "23 نوفمبر 2026, 2:05 ص (غرينتش+05:30)".replace(", ", "، "),
        "23 नवंबर 2026, 2:05 am (GMT+05:30)",
        "23 de noviembre de 2026, 2:05 (GMT+05:30)",
        "23 novembre 2026, 02:05 (UTC+05:30)",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_in_latin_digits_and_can_be_drawn(language):
    texts = [
        *(format_date(date(2026, month, 28), language, "full") for month in range(1, 13)),
        format_instant(INSTANT, "Asia/Dubai", language),
        format_instant(INSTANT.replace(hour=8), "America/New_York", language),
        format_number(Decimal("1234567.125"), language),
        format_percent(Decimal("0.125"), language),
    ]
    for text in texts:
        assert not any(char.isdecimal() and char not in "0123456789" for char in text), text
        assert can_draw("".join(char for char in clean(text) if char not in "\u200e\u200f")), text


def test_numbers_and_percentages():
    assert format_number(12345, "hi") == "12,345"
    assert format_number(Decimal("1234567.1256"), "es") == "1.234.567,126"
    assert format_percent(Decimal("0.125"), "en") == "12.5%"
    assert format_percent(Decimal("0.05"), "fr") == "5\u00a0%"
