"""Money while things break: no broker, a gateway that hangs, a webhook that nobody takes, a process that dies."""

import socket
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections

from apps.billing import sandbox
from apps.billing.models import GatewayEvent, Payment, Refund, SandboxDelivery
from apps.billing.services import gateway_events, payments
from apps.billing.services.adjustments import adjust
from apps.billing.services.cancellation import cancel_booking
from apps.billing.services.payments import start_payment
from apps.billing.services.refund_work import send_due_refunds
from apps.billing.tasks import ask_open_payments, overdue_invoices, sandbox_deliveries, sweep
from medivoy.celery import app
from medivoy.core import clock, jobs
from medivoy.core.context import writing
from medivoy.core.models import TaskRun
from tests.billing.ledger import check_ledger
from tests.factories.billing import begin, decide, event_of, pay, post_webhook

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def no_broker(monkeypatch):
    """Nobody listens where the broker should be."""
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    jobs.wake_ups.reset()
    yield
    jobs.wake_ups.reset()


@contextmanager
def hanging_port():
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_without_a_broker_nothing_waits_and_the_clock_does_the_rest(no_broker, booking, coordinator):
    began = time.monotonic()
    pay(booking, "1000.00")
    with writing(coordinator):
        cancel_booking(booking, actor=coordinator, party="hospital", reason="other")
    assert time.monotonic() - began < 5
    assert Refund.objects.get().status == "approved"
    sweep()
    booking.refresh_from_db()
    assert (booking.payment_status, booking.balance) == ("refunded", 0)
    assert "1 refunds sent" in TaskRun.objects.get(pk="billing.sweep").result


def test_while_a_gateway_hangs_nothing_is_locked(booking, coordinator, gateway, monkeypatch):
    """The gateway is called between two transactions: the case goes on meanwhile."""
    called, answer = threading.Event(), threading.Event()
    start = gateway.start

    def hang(order):
        called.set()
        assert answer.wait(20)
        return start(order)

    monkeypatch.setattr(gateway, "start", hang)

    def pay_there():
        try:
            start_payment(booking, actor=booking.patient.user, gateway="stripe")
        finally:
            connections.close_all()

    payer = threading.Thread(target=pay_there)
    payer.start()
    assert called.wait(10)
    began = time.monotonic()
    with writing(coordinator):
        adjust(booking, actor=coordinator, kind="goodwill", amount=Decimal("10"), reason="Waited")
    assert time.monotonic() - began < 2
    answer.set()
    payer.join(10)
    payment = Payment.objects.get()
    assert (payment.status, bool(payment.gateway_transaction_id)) == ("pending", True)
    check_ledger(booking.pk)


def test_a_process_that_dies_after_the_gateway_was_called_is_taken_up_under_the_same_payment(
    booking, gateway, monkeypatch
):
    def die(*_args):
        raise SystemExit

    keep = payments._keep_reference
    monkeypatch.setattr(payments, "_keep_reference", die)
    with pytest.raises(SystemExit):
        begin(booking, gateway="stripe")
    monkeypatch.setattr(payments, "_keep_reference", keep)
    gateway.state = "completed"
    ask_open_payments()
    payment = Payment.objects.get()
    assert payment.status == "completed"
    assert {order.id for name, order in gateway.calls if name == "start"} == {payment.pk}


def test_a_process_that_dies_between_storing_and_applying_loses_no_event(api, booking, monkeypatch):
    payment = begin(booking)
    monkeypatch.setattr(gateway_events, "_apply", lambda events: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        post_webhook(api, event_of(payment))
    monkeypatch.undo()
    assert GatewayEvent.objects.get().applied_at is None
    sweep()
    payment.refresh_from_db()
    assert payment.status == "completed"


class TestSandboxWebhooks:
    @pytest.fixture
    def payment(self, booking):
        return begin(booking)

    def test_they_are_posted_signed_over_http(self, payment, live_server, settings):
        settings.SANDBOX_WEBHOOK_URL = f"{live_server.url}/api/v1/payments/webhook"
        decide(payment, "approve", "twice")
        sandbox_deliveries()
        payment.refresh_from_db()
        assert payment.status == "completed"
        assert SandboxDelivery.objects.exclude(delivered_at=None).count() == 2
        assert TaskRun.objects.get(pk="billing.sandbox_deliveries").result == "2 posted"

    def test_late_ones_wait_half_a_minute(self, payment, live_server, settings):
        settings.SANDBOX_WEBHOOK_URL = f"{live_server.url}/api/v1/payments/webhook"
        decide(payment, "approve", "late")
        assert sandbox.post_due_deliveries() == 0
        with clock.at(clock.now() + timedelta(seconds=31)):
            assert sandbox.post_due_deliveries() == 1
        payment.refresh_from_db()
        assert payment.status == "completed"

    def test_where_nobody_listens_they_are_posted_again_ever_more_rarely(self, payment, live_server, settings):
        settings.SANDBOX_WEBHOOK_URL = "http://127.0.0.1:1/"
        decide(payment, "approve", "once")
        waits = []
        for _try in range(4):
            row = SandboxDelivery.objects.get()
            with clock.at(row.due_at):
                assert sandbox.post_due_deliveries() == 0
                waits.append(SandboxDelivery.objects.get().due_at - clock.now())
        assert waits == [timedelta(seconds=2**n) for n in (1, 2, 3, 4)]
        settings.SANDBOX_WEBHOOK_URL = f"{live_server.url}/api/v1/payments/webhook"
        with clock.at(SandboxDelivery.objects.get().due_at):
            assert sandbox.post_due_deliveries() == 1
        payment.refresh_from_db()
        assert payment.status == "completed"

    def test_after_many_tries_the_sandbox_gives_up_and_the_question_finds_the_money(self, payment, settings):
        settings.SANDBOX_WEBHOOK_URL = "http://127.0.0.1:1/"
        decide(payment, "approve", "once")
        for _try in range(sandbox.ATTEMPTS):
            with clock.at(SandboxDelivery.objects.get().due_at):
                sandbox.post_due_deliveries()
        assert SandboxDelivery.objects.get().given_up_at
        ask_open_payments()
        payment.refresh_from_db()
        assert payment.status == "completed"

    def test_a_port_that_hangs_is_left_in_time(self, payment, settings):
        settings.GATEWAY_TIMEOUT = 0.3
        decide(payment, "approve", "once")
        with hanging_port() as port:
            settings.SANDBOX_WEBHOOK_URL = f"http://127.0.0.1:{port}/"
            began = time.monotonic()
            assert sandbox.post_due_deliveries() == 0
            assert time.monotonic() - began < 3


def test_every_task_says_what_it_did_and_can_run_on_nothing(db):
    for task in (ask_open_payments, sweep, sandbox_deliveries, overdue_invoices):
        task()
    assert {run.pk: run.result for run in TaskRun.objects.all()} == {
        "billing.ask_open_payments": "0 asked",
        "billing.sweep": "0 events applied, 0 refunds sent, 0 payments withdrawn",
        "billing.sandbox_deliveries": "0 posted",
        "billing.overdue_invoices": "0 overdue",
    }
    assert send_due_refunds() == 0
