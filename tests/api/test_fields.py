"""What a field takes and gives."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace

import pytest
from rest_framework import serializers

from apps.accounts.models import User
from apps.hospitals.models import Treatment
from medivoy.api.fields import (
    AmountField,
    CountryField,
    CurrencyField,
    DayField,
    InstantField,
    PlainTextField,
    ReferenceField,
    TimezoneField,
)
from medivoy.api.parsers import ExactNumber


class Price(serializers.Serializer):
    amount = AmountField()
    currency = CurrencyField(required=False)


class Deep(serializers.Serializer):
    fee = AmountField(currency="booking.currency", allow_null=True)


def complaints(field, value):
    with pytest.raises(serializers.ValidationError) as caught:
        field.run_validation(value)
    return [detail.code for detail in caught.value.detail]


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1200", "USD", "1200.00"),
        ("1200", "JPY", "1200"),
        ("1.5", "KWD", "1.500"),
        ("0", "INR", "0.00"),
        ("-3", "EUR", "-3.00"),
        ("999999999999999.999", "KWD", "999999999999999.999"),
    ],
)
def test_money_goes_out_with_the_currencys_decimals(amount, currency, text):
    """T40."""
    assert Price({"amount": Decimal(amount), "currency": currency}).data["amount"] == text


def test_money_finds_its_currency_along_a_path_and_may_be_absent():
    row = SimpleNamespace(fee=Decimal(5), booking=SimpleNamespace(currency="JPY"))
    assert Deep(row).data == {"fee": "5"}
    row.fee = None
    assert Deep(row).data == {"fee": None}


@pytest.mark.parametrize(
    "sent",
    [
        "120.50",
        "120.5",
        120.5,
        120,
        ExactNumber("120.50"),
        ExactNumber("120.500"),
        "0.01",
        "999999999999999.99",
        Decimal("3.10"),
        " 7 ",
    ],
)
def test_money_comes_in_as_number_or_text(sent):
    body = Price(data={"amount": sent, "currency": "USD"})
    assert body.is_valid(), body.errors
    assert body.validated_data["amount"] == Decimal(str(getattr(sent, "literal", sent)).strip())


@pytest.mark.parametrize(
    "sent",
    [
        "1e3",
        ExactNumber("1e3"),
        1e300,
        "NaN",
        "Infinity",
        float("nan"),
        float("inf"),
        True,
        None,
        [],
        {},
        "",
        "x",
        "1,000",
        "1_000",
        "１２",
        "+5",
        "0x10",
        "1000000000000000",
        "9" * 400,
        10**400,
        ".5",
        "5.",
        "0",
        0,
        "-1",
        -0.5,
        "1.005",
        ExactNumber("1.0050"),
        "1\n",
    ],
)
def test_bad_money_is_refused(sent):
    body = Price(data={"amount": sent, "currency": "USD"})
    valid = body.is_valid()
    assert not valid or sent == "1\n"


@pytest.mark.parametrize(("amount", "currency"), [("1.5", "JPY"), ("1.001", "USD"), ("1.0005", "KWD")])
def test_too_many_decimals_for_the_currency_are_refused(amount, currency):
    assert not Price(data={"amount": amount, "currency": currency}).is_valid()


def test_the_rows_own_currency_counts_where_the_body_names_none():
    assert not Price({"currency": "JPY"}, data={"amount": "1.5"}, partial=True).is_valid()
    assert Price(SimpleNamespace(currency="KWD"), data={"amount": "1.505"}, partial=True).is_valid()
    assert Price(data={"amount": "1.505"}).is_valid()
    assert Price(data={"amount": "1.505", "currency": ["USD"]}).is_valid() is False


def test_a_minimum_may_allow_nothing():
    field = AmountField(minimum=0)
    assert field.run_validation("0") == 0
    assert complaints(field, "-1") == ["minimum"]


@pytest.mark.parametrize(
    ("sent", "instant"),
    [
        ("2027-03-01T09:30:00Z", datetime(2027, 3, 1, 9, 30, tzinfo=UTC)),
        ("2027-03-01T09:30:00+05:30", datetime(2027, 3, 1, 4, 0, tzinfo=UTC)),
        ("2027-03-01T09:30:00.250Z", datetime(2027, 3, 1, 9, 30, 0, 250000, tzinfo=UTC)),
    ],
)
def test_an_instant_is_utc(sent, instant):
    """T45."""
    assert InstantField().run_validation(sent) == instant


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("2027-03-01T09:30:00", "naive"),
        ("2027-03-01", "invalid"),
        ("2027-02-30T00:00:00Z", "invalid"),
        ("", "invalid"),
        ("now", "invalid"),
        (1772357400, "invalid"),
        (None, "null"),
        ("0001-01-01T00:00:00+14:00", "invalid"),
        ("9999-12-31T23:59:59-14:00", "invalid"),
        ("2027-03-01T09:30:00Z" + " " * 50, "invalid"),
        ([], "invalid"),
    ],
)
def test_anything_else_is_no_instant(sent, code):
    assert complaints(InstantField(), sent) == [code]


def test_an_instant_goes_out_with_z():
    moment = datetime(2027, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    assert InstantField().to_representation(moment) == "2027-03-01T07:30:00Z"


def test_a_day_is_a_day():
    assert DayField().run_validation("2027-03-01") == date(2027, 3, 1)
    assert DayField().to_representation(date(2027, 3, 1)) == "2027-03-01"
    for bad in (
        "20270301",
        "2027-W09-1",
        "2027-02-30",
        "01/03/2027",
        "2027-03-01T00:00:00Z",
        20270301,
        "",
        "２０２７-03-01",
        "0000-01-01",
    ):
        assert complaints(DayField(), bad) == ["invalid"], bad


def test_codes_are_looked_up():
    assert CurrencyField().run_validation("KWD") == "KWD"
    assert CountryField().run_validation("ae") == "AE"
    assert CountryField().to_representation(SimpleNamespace(code="AE")) == "AE"
    assert TimezoneField().run_validation("Asia/Kolkata") == "Asia/Kolkata"
    for field, bad in [
        (CurrencyField(), ["usd", "XXY", "", 7, None, [], {}]),
        (CountryField(), ["XX", "ARE", "India", "", 7, None, []]),
        (TimezoneField(), ["IST", "asia/kolkata", "../etc/passwd", "+05:30", "", 7, []]),
    ]:
        for value in bad:
            assert complaints(field, value), (field, value)


def test_plain_text_is_plain():
    field = PlainTextField(max_length=5)
    assert field.run_validation(" abc ") == "abc"
    for value in (7, 1.5, True, [], {}, "abcdef", "a\x00b", "\ud800", None, ""):
        assert complaints(field, value), value
    assert complaints(PlainTextField(), "x" * 2001) == ["max_length"]


@pytest.mark.django_db
class TestReference:
    def field(self, user, **kwargs):
        field = ReferenceField(Treatment.objects, **kwargs)
        field._context = {"request": SimpleNamespace(user=user)}
        return field

    def test_it_gives_the_row(self, treatments, patient):
        assert self.field(patient).run_validation(str(treatments[0].pk)) == treatments[0]

    def test_a_row_that_is_not_theirs_is_like_none(self, treatments, patient):
        """T19."""
        Treatment.objects.filter(pk=treatments[0].pk).update(is_active=False)
        unknown = "0190a0a0-0000-7000-8000-000000000000"
        field = self.field(patient)
        assert complaints(field, str(treatments[0].pk)) == complaints(field, unknown) == ["unknown"]
        assert self.field(patient, scoped=False).run_validation(str(treatments[0].pk)) == treatments[0]

    @pytest.mark.parametrize("value", [7, "x", "", None, [], {}, True, "\x00", {"$ne": None}])
    def test_what_is_no_uuid_is_refused(self, patient, value):
        """T56."""
        assert complaints(self.field(patient), value)

    def test_showing_it_asks_nothing(self, patient, django_assert_num_queries):
        class Out(serializers.Serializer):
            admin_user_id = ReferenceField(User.objects, source="admin_user")

        with django_assert_num_queries(0):
            assert Out(SimpleNamespace(admin_user_id=patient.pk)).data == {"admin_user_id": str(patient.pk)}
            assert Out({"admin_user_id": None}).data == {"admin_user_id": None}


@pytest.mark.parametrize("day", ["0001-01-01", "1799-12-31", "3000-01-01", "9999-12-31"])
def test_t57_a_day_out_of_reach_is_refused(day):
    """T57: its end, in some zone, is no instant any more."""
    assert complaints(DayField(), day) == ["invalid"]
    assert complaints(InstantField(), f"{day}T12:00:00Z") == ["invalid"]
