"""The sandbox: a payment provider in a box, which plays the outside party. Nothing but its adapter and its own page
calls it, and it knows nothing of our payments: only what the adapter said, and what the payer did on the page.

Its webhooks are rows (SandboxDelivery) that a worker posts to settings.SANDBOX_WEBHOOK_URL.
"""

import secrets
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
import requests
from django.conf import settings
from django.db import transaction

from apps.billing.gateways import signing
from apps.billing.models import CheckoutState, SandboxCheckout, SandboxDelivery, SandboxRefund
from medivoy.core import clock, jobs
from medivoy.core.ids import uuid7
from medivoy.core.money import format_amount

LATE = timedelta(seconds=30)
LEASE = timedelta(seconds=60)
LONGEST_PAUSE_SECONDS = 300
ATTEMPTS = 12
POSTS_A_RUN = 50

NOBODY = UUID(int=0)


class Outcome(StrEnum):
    """What the payer does on the page; who abandons leaves it open and says nothing."""

    APPROVE = "approve"
    DECLINE = "decline"
    ABANDON = "abandon"


class Delivery(StrEnum):
    """How the webhook of it travels."""

    ONCE = "once"
    TWICE = "twice"
    LATE = "late"
    NEVER = "never"


class Declined(Exception):
    """The sandbox refuses for good what it was asked."""


def open_checkout(
    *, merchant_id: str, amount: Decimal, currency: str, description: str, language: str
) -> dict[str, Any]:
    """Open a checkout, or return the one that this `merchant_id` opened before."""
    checkout = SandboxCheckout(
        token=secrets.token_urlsafe(32),
        merchant_id=merchant_id,
        amount=amount,
        currency=currency,
        description=description[:255],
        language=language,
    )
    with transaction.atomic(durable=True):
        SandboxCheckout.objects.bulk_create([checkout], ignore_conflicts=True)
        return _tell(SandboxCheckout.objects.get(merchant_id=merchant_id))


def find_checkout(identifier: str) -> dict[str, Any] | None:
    """Return a checkout by the sandbox's own id."""
    checkout = SandboxCheckout.objects.filter(pk=_key(identifier)).first()
    return _tell(checkout) if checkout else None


def page_of(token: str) -> SandboxCheckout | None:
    """Return the checkout whose page has this token."""
    return SandboxCheckout.objects.filter(token=token).first()


def decide(token: str, outcome: Outcome, delivery: Delivery) -> bool:
    """Do on the page what the payer does. A checkout that is no longer open stays as it is. False: no such page."""
    with transaction.atomic(durable=True):
        checkout = SandboxCheckout.objects.select_for_update().filter(token=token).first()
        if checkout is None:
            return False
        if checkout.status == CheckoutState.OPEN and outcome != Outcome.ABANDON:
            _end(checkout, CheckoutState.CAPTURED if outcome == Outcome.APPROVE else CheckoutState.FAILED, delivery)
    return True


def cancel_checkout(identifier: str) -> dict[str, Any] | None:
    """Withdraw a checkout that is still open; one that is paid stays paid."""
    with transaction.atomic(durable=True):
        checkout = SandboxCheckout.objects.select_for_update().filter(pk=_key(identifier)).first()
        if checkout is not None and checkout.status == CheckoutState.OPEN:
            _end(checkout, CheckoutState.CANCELLED, Delivery.ONCE)
        return _tell(checkout) if checkout else None


def refund(identifier: str, *, merchant_id: str, amount: Decimal, currency: str) -> dict[str, Any]:
    """Send money back, or return the refund that this `merchant_id` made before. Raises Declined."""
    with transaction.atomic(durable=True):
        checkout = SandboxCheckout.objects.select_for_update().filter(pk=_key(identifier)).first()
        if checkout is None or checkout.status != CheckoutState.CAPTURED or checkout.currency != currency:
            raise Declined("nothing was captured")
        made = SandboxRefund.objects.filter(merchant_id=merchant_id).first()
        if made is None:
            if checkout.refunded() + amount > checkout.amount:
                raise Declined("more than what is left")
            made = SandboxRefund.objects.create(checkout=checkout, merchant_id=merchant_id, amount=amount)
            _post(checkout, "refund.completed", _tell_refund(made), Delivery.ONCE)
        return _tell_refund(made)


def find_refund(identifier: str) -> dict[str, Any] | None:
    """Return a refund by the sandbox's own id."""
    made = SandboxRefund.objects.select_related("checkout").filter(pk=_key(identifier)).first()
    return _tell_refund(made) if made else None


def post_due_deliveries() -> int:
    """Post the webhooks that are due; a worker's job, safe to run twice at once. Returns how many arrived."""
    arrived = 0
    for _attempt in range(POSTS_A_RUN):
        delivery = _claim()
        if delivery is None:
            break
        arrived += _deliver(delivery)
    return arrived


def _claim() -> SandboxDelivery | None:
    """Take one due webhook for as long as posting it may last."""
    with transaction.atomic(durable=True):
        delivery = SandboxDelivery.objects.due().select_for_update(skip_locked=True).first()
        if delivery is not None:
            delivery.attempts += 1
            delivery.due_at = clock.now() + LEASE
            delivery.save(update_fields=["attempts", "due_at"])
        return delivery


def _deliver(delivery: SandboxDelivery) -> bool:
    body = delivery.body.encode()
    signature = signing.sign(body, settings.SANDBOX_WEBHOOK_SECRET, clock.now())
    try:
        answer = requests.post(
            settings.SANDBOX_WEBHOOK_URL,
            data=body,
            headers={"Content-Type": "application/json", "Sandbox-Signature": signature},
            timeout=settings.GATEWAY_TIMEOUT,
            allow_redirects=False,
        )
        taken = 200 <= answer.status_code < 300
    except requests.RequestException:
        taken = False
    if taken:
        delivery.delivered_at = clock.now()
    else:
        delivery.due_at = clock.now() + timedelta(seconds=min(2**delivery.attempts, LONGEST_PAUSE_SECONDS))
        delivery.given_up_at = clock.now() if delivery.attempts >= ATTEMPTS else None
    delivery.save(update_fields=["delivered_at", "due_at", "given_up_at"])
    return taken


def _end(checkout: SandboxCheckout, status: CheckoutState, delivery: Delivery) -> None:
    checkout.status = status
    checkout.save(update_fields=["status"])
    _post(checkout, f"payment.{status}", _tell(checkout), delivery)


def _post(checkout: SandboxCheckout, kind: str, data: dict[str, Any], delivery: Delivery) -> None:
    """Write the webhook's rows; the same event twice has one id."""
    event_id = f"evt_{uuid7().hex}"
    shown = {key: value for key, value in data.items() if key != "token"}
    body = orjson.dumps({"id": event_id, "type": kind, "created": clock.now().isoformat(), "data": shown}).decode()
    times = {Delivery.TWICE: 2, Delivery.NEVER: 0}.get(delivery, 1)
    due_at = clock.now() + (LATE if delivery == Delivery.LATE else timedelta())
    SandboxDelivery.objects.bulk_create(
        SandboxDelivery(checkout=checkout, event_id=event_id, body=body, due_at=due_at) for _time in range(times)
    )
    jobs.after_commit("billing.deliver_sandbox_webhooks")


def _tell(checkout: SandboxCheckout) -> dict[str, Any]:
    return {
        "id": str(checkout.pk),
        "token": checkout.token,
        "merchant_id": checkout.merchant_id,
        "status": str(checkout.status),
        "amount": format_amount(checkout.amount, checkout.currency),
        "currency": checkout.currency,
        "reason": "declined by the payer's bank" if checkout.status == CheckoutState.FAILED else "",
    }


def _tell_refund(made: SandboxRefund) -> dict[str, Any]:
    return {
        "id": str(made.pk),
        "merchant_id": made.merchant_id,
        "status": "completed",
        "amount": format_amount(made.amount, made.checkout.currency),
        "currency": made.checkout.currency,
    }


def _key(identifier: str) -> UUID:
    """Return the id that the text is; for any other text one that nothing has."""
    try:
        return UUID(identifier)
    except ValueError:
        return NOBODY
