"""The worker's side of open payments: asked again, and withdrawn where their booking has ended."""

from datetime import timedelta
from functools import partial

from django.db.models import Q

from apps.billing.errors import PaymentInProgress
from apps.billing.models import GatewayCode, Payment
from apps.billing.models.payment import PaymentQuerySet
from apps.billing.services.payments import ask_gateway, withdraw_payment
from apps.billing.working import work_off
from medivoy.core import clock
from medivoy.core.context import writing

ASK_AGAIN = timedelta(minutes=14)
WITHDRAW_AGAIN = timedelta(minutes=2)


def ask_open() -> int:
    """Ask the gateways how open payments stand; safe to run twice at once. Returns how many were asked."""
    return work_off(partial(_claim, Payment.objects.filter(withdraw_since=None), ASK_AGAIN), ask_gateway)


def withdraw_unwanted() -> int:
    """Withdraw open payments of bookings that ended; safe to run twice at once. Returns how many were tried.

    What turns out to be paid is booked: money for a cancelled booking is held and told.
    """
    return work_off(partial(_claim, Payment.objects.exclude(withdraw_since=None), WITHDRAW_AGAIN), _withdraw)


def _withdraw(payment: Payment) -> None:
    try:
        withdraw_payment(payment, actor=None)
    except PaymentInProgress:
        # The gateway is away, or the payer's bank is at it: it is tried again.
        return


def _claim(payments: PaymentQuerySet, pause: timedelta) -> Payment | None:
    """Take an open payment that nobody asked about for so long; the note of it is written at once."""
    now = clock.now()
    due = payments.open().filter(Q(asked_at=None) | Q(asked_at__lt=now - pause))
    with writing(None):
        payment = (
            due.exclude(payment_gateway=GatewayCode.BANK_TRANSFER)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("booking", "patient__user")
            .order_by("created_at")
            .first()
        )
        if payment is not None:
            payment.asked_at = now
            payment.save(update_fields=["asked_at"])
    return payment
