"""Serializer fields that read exactly what the contract allows and write exactly what it promises."""

import re
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.db.models import Manager, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from rest_framework import serializers

from medivoy.api.parsers import ExactNumber
from medivoy.core import clock, money

AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,3}0*)?")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class PlainTextField(serializers.CharField):
    """Text, and only text: a number or a boolean is refused, NUL too; `max_length` defaults to 2,000."""

    default_error_messages = {"invalid": _("This must be a text.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 2000)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class AmountField(serializers.Field):
    """Money: out as a string with exactly the currency's decimals, in as a number or a string.

    `currency` names where the ISO code stands: a key of the body or an attribute of the row, dots allowed
    ("booking.currency"). An amount of 0 or less is refused unless `minimum` says otherwise. Where the currency is not
    known from the body, the service checks the decimals (`money.fits`).
    """

    default_error_messages = {
        "invalid": _("This must be an amount, such as 120.50."),
        "decimals": _("%(currency)s has %(decimals)s decimals."),
        "minimum": _("This must be %(minimum)s or more."),
        "positive": _("This must be more than zero."),
    }

    def __init__(self, *, currency: str = "currency", minimum: Decimal | int | None = None, **kwargs: Any) -> None:
        self.currency = currency
        self.minimum = minimum
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        amount = self._read(data)
        if self.minimum is None and amount <= 0:
            raise serializers.ValidationError(self.error_messages["positive"], code="positive")
        if self.minimum is not None and amount < self.minimum:
            text = self.error_messages["minimum"] % {"minimum": self.minimum}
            raise serializers.ValidationError(text, code="minimum")
        currency = self._currency_sent()
        if currency and not money.fits(amount, currency):
            words = {"currency": currency, "decimals": money.decimals(currency)}
            raise serializers.ValidationError(self.error_messages["decimals"] % words, code="decimals")
        return amount

    def _read(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, (str, int, float, Decimal)):
            self.fail("invalid")
        text = data.literal if isinstance(data, ExactNumber) else str(data).strip()
        if not AMOUNT.fullmatch(text) or not text.isascii():
            self.fail("invalid")
        return Decimal(text)

    def _currency_sent(self) -> str | None:
        body = getattr(self.parent, "initial_data", None)
        sent = body.get(self.currency) if isinstance(body, dict) else None
        if isinstance(sent, str):
            return sent if sent in money.currencies() else None
        row = getattr(self.parent, "instance", None)
        return self._currency_of(row) if row is not None and not isinstance(row, (list, QuerySet)) else None

    def _currency_of(self, row: Any) -> str | None:
        for name in self.currency.split("."):
            row = row.get(name) if isinstance(row, dict) else getattr(row, name, None)
        return row

    def get_attribute(self, instance: Any) -> Any:
        value = super().get_attribute(instance)
        return None if value is None else (value, self._currency_of(instance))

    def to_representation(self, value: tuple[Decimal, str | None]) -> str:
        amount, currency = value
        return money.format_amount(Decimal(amount), currency) if currency else f"{Decimal(amount):f}"


class CurrencyField(serializers.CharField):
    """An ISO 4217 code, in capitals."""

    default_error_messages = {"unknown": _("This is not an ISO 4217 currency code.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in money.currencies():
            self.fail("unknown")
        return data


class InstantField(serializers.Field):
    """A point in time: in with an offset or `Z`, out in UTC with `Z`. A naive one is refused."""

    default_error_messages = {
        "invalid": _("This must be a timestamp such as 2027-03-01T09:30:00Z."),
        "naive": _("A timestamp needs its offset from UTC, or Z."),
    }

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or len(data) > 40 or "T" not in data.upper():
            self.fail("invalid")
        try:
            moment = parse_datetime(data)
            if moment is None:
                self.fail("invalid")
            if moment.tzinfo is None:
                self.fail("naive")
            instant = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")
        if not clock.is_reachable(instant.date()):
            self.fail("invalid")
        return instant

    def to_representation(self, value: datetime) -> str:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class DayField(serializers.Field):
    """A calendar date, `YYYY-MM-DD`, with no time and no zone."""

    default_error_messages = {"invalid": _("This must be a date such as 2027-03-01.")}

    def __init__(self, *, earliest: Any = None, **kwargs: Any) -> None:
        self.earliest = earliest
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not DAY.fullmatch(data):
            self.fail("invalid")
        try:
            day = date.fromisoformat(data)
        except ValueError:
            self.fail("invalid")
        if not clock.is_reachable(day):
            self.fail("invalid")
        return day

    def to_representation(self, value: date) -> str:
        return value.isoformat()


class CountryField(serializers.CharField):
    """An ISO 3166-1 alpha-2 code."""

    default_error_messages = {"unknown": _("This is not an ISO 3166 alpha-2 country code.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data.upper() not in countries:
            self.fail("unknown")
        return data.upper()

    def to_representation(self, value: Any) -> str:
        return str(getattr(value, "code", value))


@cache
def zones() -> frozenset[str]:
    """Return the IANA names that this machine knows."""
    return frozenset(available_timezones())


class TimezoneField(serializers.CharField):
    """An IANA name, such as Asia/Kolkata."""

    default_error_messages = {"unknown": _("This is not an IANA time zone, such as Asia/Kolkata.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in zones():
            self.fail("unknown")
        return data


class ReferenceField(serializers.Field):
    """The id of another row, read as that row: `hospital_id = ReferenceField(Hospital.objects, source="hospital")`.

    A row that the asker may not see gets the very same complaint as an id that does not exist. With `scoped=False`
    the queryset is taken as it is.
    """

    default_error_messages = {
        "invalid": _("This must be a UUID."),
        "unknown": _("There is no such row."),
    }

    def __init__(self, rows: Manager[Any] | QuerySet[Any], *, scoped: bool = True, **kwargs: Any) -> None:
        self.rows = rows
        self.scoped = scoped
        super().__init__(**kwargs)

    def get_attribute(self, instance: Any) -> Any:
        """Take the id from the row itself: showing it costs no query."""
        field = f"{self.source}_id" if not self.source.endswith("_id") else self.source
        return instance.get(field) if isinstance(instance, dict) else getattr(instance, field)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            identifier = uuid.UUID(data)
        except ValueError:
            self.fail("invalid")
        rows = self.rows.all()
        if self.scoped:
            rows = rows.visible_to(self.context["request"].user)
        row = rows.filter(pk=identifier).first()
        if row is None:
            self.fail("unknown")
        return row

    def to_representation(self, value: Any) -> str:
        return str(value)
