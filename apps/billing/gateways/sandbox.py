"""The adapter of the sandbox gateway: our side of the border. The other side is apps/billing/sandbox.py."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.conf import settings
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from apps.billing import sandbox
from apps.billing.gateways import signing
from apps.billing.gateways.base import (
    GatewayError,
    GatewayNews,
    PaymentOrder,
    RefundOrder,
    Reported,
    ReportedRefund,
    ReportedState,
    StartedPayment,
    Subject,
)
from medivoy.core import clock
from medivoy.core.errors import InvalidInput
from medivoy.core.money import LARGEST

STATES = {
    "open": ReportedState.OPEN,
    "captured": ReportedState.COMPLETED,
    "failed": ReportedState.FAILED,
    "cancelled": ReportedState.CANCELLED,
}
SIGNATURE_HEADER = "Sandbox-Signature"
# The finest amount that our columns hold.
STEP = Decimal("0.001")


class Sandbox:
    """Pays, declines or stays silent, as whoever sits before its page decides."""

    code = "sandbox"
    is_by_hand = False

    def start(self, order: PaymentOrder) -> StartedPayment:
        """Open a checkout; the payer is sent to its page."""
        made = sandbox.open_checkout(
            merchant_id=str(order.id),
            amount=order.amount,
            currency=order.currency,
            description=order.description,
            language=order.language,
        )
        address = settings.PUBLIC_URL + reverse("sandbox-checkout", kwargs={"token": made["token"]})
        return StartedPayment(made["id"], {"checkout_url": address})

    def look_up(self, reference: str) -> Reported:
        return _reported(_answer(sandbox.find_checkout(reference)))

    def cancel(self, reference: str) -> Reported:
        return _reported(_answer(sandbox.cancel_checkout(reference)))

    def refund(self, order: RefundOrder) -> ReportedRefund:
        try:
            made = sandbox.refund(
                order.payment_reference, merchant_id=str(order.id), amount=order.amount, currency=order.currency
            )
        except sandbox.Declined as error:
            raise GatewayError(str(error), permanent=True) from error
        return _reported_refund(made)

    def look_up_refund(self, reference: str, payment_reference: str) -> ReportedRefund:
        return _reported_refund(_answer(sandbox.find_refund(reference)))

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> list[GatewayNews]:
        """Check `Sandbox-Signature` over the raw body and its age, then read the event."""
        signing.verify(
            body, headers.get(SIGNATURE_HEADER, ""), settings.SANDBOX_WEBHOOK_SECRET, settings.WEBHOOK_MAX_AGE
        )
        try:
            return [_news(orjson.loads(body))]
        except (ValueError, KeyError, TypeError, ArithmeticError) as error:
            raise InvalidInput(message=_("This is no webhook of the sandbox."), code="malformed_webhook") from error


def _answer(found: dict[str, Any] | None) -> dict[str, Any]:
    if found is None:
        raise GatewayError("the sandbox does not know it", permanent=True)
    return found


def _reported(checkout: dict[str, Any]) -> Reported:
    return Reported(
        state=STATES[checkout["status"]],
        amount=Decimal(checkout["amount"]),
        currency=checkout["currency"],
        capture_reference=checkout["id"],
        reason=checkout["reason"],
    )


def _reported_refund(refund: dict[str, Any]) -> ReportedRefund:
    return ReportedRefund(
        state=ReportedState.COMPLETED,
        amount=Decimal(refund["amount"]),
        currency=refund["currency"],
        reference=refund["id"],
    )


def _news(event: dict[str, Any]) -> GatewayNews:
    subject, data = Subject(event["type"].partition(".")[0]), event["data"]
    occurred_at = parse_datetime(event["created"])
    amount = Decimal(str(data["amount"]))
    if occurred_at is None or occurred_at.tzinfo is None or not clock.is_reachable(occurred_at.date()):
        raise ValueError("no such instant")
    if abs(amount) > LARGEST or amount != amount.quantize(STEP):
        raise ValueError("no such event")
    return GatewayNews(
        event_id=_text(event["id"], 255),
        type=_text(event["type"], 100),
        subject=subject,
        reference=_text(data["id"], 255),
        state=STATES[data["status"]] if subject == Subject.PAYMENT else ReportedState(data["status"]),
        amount=amount,
        currency=_text(data["currency"], 3),
        occurred_at=occurred_at,
        capture_reference=_text(data["id"], 255) if subject == Subject.PAYMENT else "",
        payload=event,
    )


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest or "\x00" in value:
        raise ValueError("no text")
    return value
