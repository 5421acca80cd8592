"""Open payments asked again by the clock."""

from datetime import timedelta

import pytest

from apps.billing.gateways import registry
from apps.billing.services import open_payments
from apps.billing.services.open_payments import ask_open
from medivoy.core import clock
from tests.factories.billing import begin, decide, owing, pay

pytestmark = pytest.mark.django_db


def test_lost_news_are_found(booking):
    payment = begin(booking)
    decide(payment, "approve", "never")
    assert ask_open() == 1
    payment.refresh_from_db()
    assert payment.status == "completed"
    assert ask_open() == 0


def test_one_that_is_still_open_is_asked_again_a_quarter_of_an_hour_later(booking, gateway):
    begin(booking, gateway="stripe")
    assert (ask_open(), ask_open()) == (1, 0)
    with clock.at(clock.now() + timedelta(minutes=15)):
        assert ask_open() == 1


def test_a_gateway_that_is_away_holds_up_nothing(booking, gateway):
    begin(booking, gateway="stripe")
    other = begin(owing())
    decide(other)
    gateway.is_away = True
    assert ask_open() == 2
    other.refresh_from_db()
    assert other.status == "completed"


def test_one_that_the_gateway_never_heard_of_is_begun(booking, gateway):
    gateway.is_away = True
    with pytest.raises(Exception, match="cannot be reached"):
        begin(booking, gateway="stripe")
    gateway.is_away = False
    assert ask_open() == 1
    assert len(gateway.orders) == 1


def test_bank_transfers_and_what_has_ended_are_left_alone(booking):
    pay(booking)
    begin(booking, gateway="bank_transfer")
    assert ask_open() == 0


def test_one_that_breaks_off_holds_up_no_other(booking, monkeypatch):
    first, second = begin(booking), begin(owing())
    decide(second)
    ask = open_payments.ask_gateway

    def break_off(payment):
        if payment.pk == first.pk:
            raise RuntimeError("a fault of ours")
        return ask(payment)

    monkeypatch.setattr(open_payments, "ask_gateway", break_off)
    assert ask_open() == 2
    second.refresh_from_db()
    assert second.status == "completed"


def test_a_gateway_that_is_no_longer_here_loses_nothing(booking, gateway, monkeypatch):
    payment = begin(booking, gateway="stripe")
    monkeypatch.delitem(registry.ADAPTERS, "stripe")
    assert ask_open() == 1
    payment.refresh_from_db()
    assert payment.status == "pending"
