"""Refunds on their way: the worker, the gateway, and people where a gateway cannot."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.billing.models import Payment, Refund
from apps.billing.services.bank_transfers import confirm
from apps.billing.services.payments import ask_gateway
from apps.billing.services.refund_work import send_due_refunds
from apps.billing.services.refunds import approve_refund, complete_by_hand, reject_refund, request_refund, retry_refund
from apps.notifications.models import Notification
from medivoy.core import clock
from tests.factories.billing import begin, deliver, pay
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(booking, gateway):
    payment = begin(booking, "1000.00", gateway="stripe")
    gateway.state = "completed"
    return ask_gateway(payment)


@pytest.fixture
def refund(payment, coordinator, admin):
    refund = request_refund(payment, actor=coordinator, amount=Decimal("300"))
    return approve_refund(refund, actor=admin)


def fresh(refund):
    refund.refresh_from_db()
    return refund.status


class TestGateway:
    def test_it_is_asked_once_under_the_refunds_id(self, refund, gateway, payment):
        assert send_due_refunds() == 1
        assert fresh(refund) == "completed"
        order = next(iter(gateway.refunds.values()))
        assert (order.id, order.amount, order.currency) == (refund.pk, 300, "USD")
        assert order.payment_reference == payment.gateway_transaction_id
        assert order.capture_reference == f"ch_{payment.gateway_transaction_id}"
        assert send_due_refunds() == 0

    def test_a_gateway_out_of_reach_is_asked_again_later(self, refund, gateway):
        gateway.is_away = True
        send_due_refunds()
        assert fresh(refund) == "processing"
        assert refund.next_attempt_at > clock.now()
        gateway.is_away = False
        assert send_due_refunds() == 0
        with clock.at(refund.next_attempt_at):
            assert send_due_refunds() == 1
        assert fresh(refund) == "completed"
        assert len(gateway.refunds) == 1

    def test_after_some_tries_somebody_is_told_once_and_the_tries_go_on(self, refund, gateway, admin):
        gateway.is_away = True
        for _try in range(8):
            refund.refresh_from_db()
            with clock.at(refund.next_attempt_at):
                send_due_refunds()
        assert fresh(refund) == "processing"
        assert Notification.objects.filter(type="refund_failed", user=admin, channel="email").count() == 1

    def test_one_that_takes_time_is_looked_up(self, refund, gateway):
        gateway.refund_state = "processing"
        send_due_refunds()
        assert fresh(refund) == "processing"
        gateway.refund_state = "completed"
        with clock.at(refund.next_attempt_at):
            send_due_refunds()
        assert fresh(refund) == "completed"
        assert [name for name, _ in gateway.calls if "refund" in name] == ["refund", "look_up_refund"]

    @pytest.mark.parametrize("how", ["refuses", "fails"])
    def test_a_failed_one_alerts_and_its_money_still_counts_as_asked_for(self, refund, gateway, payment, admin, how):
        gateway.refuses = how == "refuses"
        gateway.refund_state = "failed"
        send_due_refunds()
        assert fresh(refund) == "failed"
        assert refund.failure_reason
        assert Notification.objects.filter(type="refund_failed", user=admin).exists()
        payment.booking.refresh_from_db()
        assert payment.booking.amount_refunded == 0
        with refused("refund_too_much"):
            request_refund(payment, actor=admin, amount=Decimal("700.01"))


class TestAfterFailure:
    @pytest.fixture
    def failed(self, refund, gateway):
        gateway.refund_state = "failed"
        send_due_refunds()
        refund.refresh_from_db()
        return refund

    def test_it_is_tried_again_under_another_key(self, failed, gateway, coordinator):
        retry_refund(failed, actor=coordinator)
        gateway.refund_state = "completed"
        assert send_due_refunds() == 1
        assert fresh(failed) == "completed"
        assert len(gateway.refunds) == 2

    def test_or_sent_by_bank(self, failed, coordinator, booking):
        complete_by_hand(failed, actor=coordinator, reference="OUT 77")
        assert (fresh(failed), failed.gateway_refund_id, failed.completed_by) == ("completed", "OUT 77", coordinator)
        booking.refresh_from_db()
        assert booking.amount_refunded == 300

    def test_or_given_up(self, failed, admin, payment):
        reject_refund(failed, actor=admin, reason="Agreed with the patient")
        assert fresh(failed) == "rejected"
        assert request_refund(payment, actor=admin).amount == 1000


class TestBank:
    @pytest.fixture
    def payment(self, booking, coordinator):
        return confirm(
            begin(booking, gateway="bank_transfer"),
            actor=coordinator,
            value_date=clock.today(),
            sender="A. Patient",
            reference="IN 1",
            amount=Decimal("200.00"),
            currency="USD",
            proof="Statement",
        )

    def test_people_send_it(self, refund_of_bank, coordinator, booking):
        refund = refund_of_bank
        assert send_due_refunds() == 0
        assert list(Refund.objects.to_send_by_hand()) == [refund]
        complete_by_hand(refund, actor=coordinator, reference="OUT 1")
        assert fresh(refund) == "completed"
        booking.refresh_from_db()
        assert booking.amount_refunded == 100

    @pytest.fixture
    def refund_of_bank(self, payment, coordinator, admin):
        return approve_refund(request_refund(payment, actor=coordinator, amount=Decimal("100")), actor=admin)

    def test_a_reference_counts_once(self, refund_of_bank, payment, coordinator, admin):
        complete_by_hand(refund_of_bank, actor=coordinator, reference="OUT 1")
        assert complete_by_hand(refund_of_bank, actor=coordinator, reference="OUT 1").status == "completed"
        other = approve_refund(request_refund(payment, actor=coordinator), actor=admin)
        with refused("validation_error"):
            complete_by_hand(other, actor=coordinator, reference="OUT 1")


def test_a_refund_that_a_gateway_makes_is_not_made_by_hand(refund, coordinator):
    with refused("not_by_hand"):
        complete_by_hand(refund, actor=coordinator, reference="OUT 1")


def test_a_refused_one_is_not_sent(payment, coordinator, admin, gateway):
    refund = request_refund(payment, actor=coordinator, amount=Decimal("300"))
    reject_refund(refund, actor=admin, reason="No")
    assert send_due_refunds() == 0
    assert not gateway.refunds


def test_the_gateways_news_of_a_refund_count_once(api, booking, coordinator, admin):
    payment = pay(booking)
    refund = approve_refund(request_refund(payment, actor=coordinator), actor=admin)
    send_due_refunds()
    assert all(answer.status_code == 200 for answer in deliver(api))
    deliver(api)
    booking.refresh_from_db()
    assert (fresh(refund), booking.amount_refunded) == ("completed", 200)
    assert Payment.objects.get().status == "completed"


def test_a_worker_that_died_leaves_it_to_the_next(refund, gateway):
    Refund.objects.update(status="processing", next_attempt_at=clock.now() + timedelta(minutes=2))
    assert send_due_refunds() == 0
    with clock.at(clock.now() + timedelta(minutes=3)):
        assert send_due_refunds() == 1
    assert fresh(refund) == "completed"
