"""Gateways are never called inside an open transaction, and only where they are here."""

import pytest
from django.db import transaction

from apps.billing.gateways import registry
from apps.billing.gateways.bank import BankTransfers
from apps.billing.gateways.base import BadSignature, GatewayError
from apps.billing.gateways.sandbox import Sandbox
from tests.factories.billing import begin, owing, pay


@pytest.mark.django_db(transaction=True)
def test_a_call_inside_a_transaction_is_a_fault():
    with pytest.raises(RuntimeError), transaction.atomic():
        registry.reach("sandbox")
    assert registry.reach("sandbox").code == "sandbox"


@pytest.mark.django_db(transaction=True)
def test_nothing_on_the_way_of_a_payment_calls_one_there(gateway, booking):
    """Real transactions: had any call been inside one, `reach` would have refused it."""
    pay(booking)
    begin(booking, gateway="stripe")
    begin(booking)
    assert [name for name, _ in gateway.calls] == ["start", "cancel"]


def test_the_sandbox_is_here_by_setting_only(settings):
    settings.SANDBOX_GATEWAY = False
    assert not registry.is_available("sandbox")
    assert not registry.is_available("stripe")
    assert registry.is_available("bank_transfer")


@pytest.mark.django_db
class TestSandbox:
    def test_an_order_started_twice_is_one_checkout(self, booking):
        payment = begin(booking)
        from_before = Sandbox().look_up(payment.gateway_transaction_id)
        assert (from_before.state, from_before.amount, from_before.currency) == ("open", 200, "USD")

    @pytest.mark.parametrize("reference", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
    def test_what_it_does_not_know_it_says(self, reference):
        for ask in (Sandbox().look_up, Sandbox().cancel):
            with pytest.raises(GatewayError) as caught:
                ask(reference)
            assert caught.value.permanent

    def test_its_amounts_are_in_the_currency(self):
        payment = begin(owing("14000.500", "KWD"))
        assert Sandbox().look_up(payment.gateway_transaction_id).amount == payment.amount


class TestBank:
    def test_nobody_is_asked_and_nobody_posts(self):
        bank = BankTransfers()
        assert bank.look_up("TX-1").state == "open"
        assert bank.cancel("TX-1").state == "cancelled"
        with pytest.raises(BadSignature):
            bank.read_webhook(b"{}", {})
        with pytest.raises(GatewayError):
            bank.look_up_refund("a", "b")
