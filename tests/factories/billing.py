"""Money in the tests: bookings that owe something, payments on their way, gateways that do as they are told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.billing import sandbox
from apps.billing.gateways import signing
from apps.billing.gateways.base import (
    BadSignature,
    GatewayError,
    GatewayNews,
    PaymentOrder,
    RefundOrder,
    Reported,
    ReportedRefund,
    ReportedState,
    StartedPayment,
)
from apps.billing.models import Payment, SandboxCheckout, SandboxDelivery
from apps.billing.services.payments import ask_gateway, start_payment
from apps.bookings.models import Booking
from apps.bookings.states import BookingStatus
from medivoy.core import clock
from tests.factories import bookings
from tests.factories.hospitals import HospitalFactory

WEBHOOK = "/payments/webhook"


def owing(total: str = "1000.00", currency: str = "USD", **hospital: Any) -> Booking:
    """A booking in payment_pending that owes `total`: a deposit of 20 % and the rest."""
    with transaction.atomic():
        place = HospitalFactory(currency=currency, **hospital)
        return bookings.booking_in(BookingStatus.PAYMENT_PENDING, total=Decimal(total), hospital=place)


def begin(booking: Booking, amount: Any = None, gateway: str = "sandbox", actor: User | None = None) -> Payment:
    """An attempt to pay; the next milestone without an amount."""
    who = actor or booking.patient.user
    wish = None if amount is None else Decimal(amount)
    return start_payment(booking, actor=who, gateway=gateway, amount=wish).payment


def decide(payment: Payment, outcome: str = "approve", delivery: str = "never") -> None:
    """What the payer does on the sandbox's page."""
    token = SandboxCheckout.objects.get(merchant_id=str(payment.pk)).token
    assert sandbox.decide(token, sandbox.Outcome(outcome), sandbox.Delivery(delivery))


def pay(booking: Booking, amount: Any = None) -> Payment:
    """A payment through the sandbox, from the first click to the money."""
    payment = begin(booking, amount)
    decide(payment)
    payment = ask_gateway(payment)
    assert payment.status == "completed"
    booking.refresh_from_db()
    return payment


def signed(body: bytes, *, age: timedelta = timedelta(), secret: str | None = None) -> dict[str, str]:
    """The header of a webhook with this body."""
    return {"Sandbox-Signature": signing.sign(body, secret or settings.SANDBOX_WEBHOOK_SECRET, clock.now() - age)}


def post_webhook(api: Any, body: bytes | dict[str, Any], **signature: Any) -> Any:
    """Post a webhook as the sandbox does."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return api.generic("POST", WEBHOOK, raw, content_type="application/json", headers=signed(raw, **signature))


def deliver(api: Any) -> list[Any]:
    """Post all webhooks that the sandbox has to say, due or not, in their order; return the answers."""
    waiting = SandboxDelivery.objects.filter(delivered_at=None).order_by("created_at", "id")
    answers = []
    for delivery in waiting:
        answers.append(post_webhook(api, delivery.body.encode()))
        delivery.delivered_at = clock.now()
        delivery.save(update_fields=["delivered_at"])
    return answers


def event_of(payment: Payment, status: str = "captured", **changes: Any) -> dict[str, Any]:
    """A webhook's body about a payment, as the sandbox writes it; `changes` go into its data, `id` names the event."""
    event_id = changes.pop("id", f"evt_{payment.pk.hex}_{status}")
    data = {
        "id": payment.gateway_transaction_id,
        "merchant_id": str(payment.pk),
        "status": status,
        "amount": f"{payment.amount:f}",
        "currency": payment.currency,
        "reason": "",
    }
    return {
        "id": event_id,
        "type": f"payment.{status}",
        "created": clock.now().isoformat(),
        "data": data | changes,
    }


@dataclass
class FakeGateway:
    """A gateway that does as the test says; it keeps what it was asked, and honours idempotency keys."""

    code: str = "stripe"
    is_by_hand: bool = False
    is_away: bool = False
    refuses: bool = False
    state: ReportedState = ReportedState.OPEN
    refund_state: ReportedState = ReportedState.COMPLETED
    amount: Decimal | None = None
    currency: str | None = None
    calls: list[tuple[str, Any]] = field(default_factory=list)
    orders: dict[str, PaymentOrder] = field(default_factory=dict)
    refunds: dict[Any, RefundOrder] = field(default_factory=dict)

    def start(self, order: PaymentOrder) -> StartedPayment:
        self._called("start", order)
        reference = f"pi_{order.id.hex}"
        self.orders[reference] = order
        return StartedPayment(reference, {"client_secret": f"{reference}_secret"})

    def look_up(self, reference: str) -> Reported:
        self._called("look_up", reference)
        return self._report(reference)

    def cancel(self, reference: str) -> Reported:
        self._called("cancel", reference)
        if self.state == ReportedState.OPEN:
            self.state = ReportedState.CANCELLED
        return self._report(reference)

    def refund(self, order: RefundOrder) -> ReportedRefund:
        self._called("refund", order)
        self.refunds.setdefault(order.id, order)
        return ReportedRefund(self.refund_state, order.amount, order.currency, f"re_{order.id.hex}", "no funds")

    def look_up_refund(self, reference: str, payment_reference: str) -> ReportedRefund:
        self._called("look_up_refund", reference)
        order = next(order for key, order in self.refunds.items() if reference == f"re_{key.hex}")
        return ReportedRefund(self.refund_state, order.amount, order.currency, reference)

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> list[GatewayNews]:
        raise BadSignature

    def _called(self, name: str, what: Any) -> None:
        self.calls.append((name, what))
        if self.is_away:
            raise GatewayError("out of reach")
        if self.refuses:
            raise GatewayError("not with us", permanent=True)

    def _report(self, reference: str) -> Reported:
        order = self.orders[reference]
        return Reported(self.state, self.amount or order.amount, self.currency or order.currency, f"ch_{reference}")
