"""Events that could not be applied at once, and mismatches that a person looked into."""

from datetime import timedelta

import pytest

from apps.billing.models import GatewayEvent
from apps.billing.services import gateway_events
from apps.billing.services.gateway_events import apply_due
from apps.billing.services.mismatches import set_aside
from medivoy.core import clock
from tests.factories.billing import begin, event_of, pay, post_webhook
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(booking):
    return begin(booking)


def test_a_fault_of_ours_is_not_the_gateways_and_is_tried_again(api, payment, monkeypatch):
    def broken(*args):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(gateway_events, "book_report", broken)
    assert post_webhook(api, event_of(payment)).status_code == 200
    event = GatewayEvent.objects.get()
    assert (event.outcome, event.problem, event.applied_at) == ("failed", "RuntimeError", None)
    monkeypatch.undo()
    assert apply_due() == 0
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert apply_due() == 1
    payment.refresh_from_db()
    assert payment.status == "completed"


def test_one_event_that_fails_does_not_hold_up_the_others(api, payment, booking, monkeypatch):
    post_webhook(api, event_of(payment, id="evt_unknown") | {"data": {**event_of(payment)["data"], "id": "nobody"}})
    post_webhook(api, event_of(payment))
    assert sorted(GatewayEvent.objects.values_list("outcome", flat=True)) == ["applied", "parked"]


def test_parked_events_are_tried_ever_more_rarely(api, payment):
    post_webhook(api, event_of(payment) | {"data": {**event_of(payment)["data"], "id": "nobody"}})
    pauses = []
    for _try in range(12):
        event = GatewayEvent.objects.get()
        with clock.at(event.next_attempt_at):
            assert apply_due() == 0
            event.refresh_from_db()
            pauses.append(event.next_attempt_at - clock.now())
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=6)


class TestSetAside:
    @pytest.fixture
    def held(self, api, payment):
        post_webhook(api, event_of(payment, amount="3.00"))
        payment.refresh_from_db()
        return payment

    def test_the_attempt_has_failed_and_the_next_may_begin(self, held, coordinator, booking):
        payment = set_aside(held, actor=coordinator, reason="Sent back at the gateway")
        assert (payment.status, payment.mismatch) == ("failed", "")
        assert begin(booking).pk != payment.pk
        booking.refresh_from_db()
        assert booking.amount_paid == 0

    def test_a_completed_payment_stays_completed(self, api, coordinator, booking):
        payment = pay(booking)
        post_webhook(api, event_of(payment, amount="3.00"))
        assert set_aside(payment, actor=coordinator, reason="An echo").status == "completed"

    def test_it_takes_a_reason_and_a_mismatch(self, held, coordinator):
        with refused("validation_error"):
            set_aside(held, actor=coordinator, reason=" ")
        set_aside(held, actor=coordinator, reason="Done")
        with refused("no_mismatch"):
            set_aside(held, actor=coordinator, reason="Done")
