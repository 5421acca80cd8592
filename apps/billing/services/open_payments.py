"""The worker's side of open payments: asked again, and withdrawn where their booking has ended."""

from datetime import timedelta

from django.db.models import Q

from apps.billing.errors import PaymentInProgress
from apps.billing.models import GatewayCode, Payment
from apps.billing.models.payment import PaymentQuerySet
from apps.billing.services.payments import ask_gateway, withdraw_payment
from medivoy.core import clock
from medivoy.core.context import writing

ASK_AGAIN = timedelta(minutes=14)
WITHDRAW_AGAIN = timedelta(minutes=2)
PAYMENTS_A_RUN = 200


def ask_open() -> int:
    """Ask the gateways how open payments stand; safe to run twice at once. Returns how many were asked."""
    asked = _claim(Payment.objects.filter(withdraw_since=None), ASK_AGAIN)
    for payment in asked:
        ask_gateway(payment)
    return len(asked)


def withdraw_unwanted() -> int:
    """Withdraw open payments of bookings that ended; safe to run twice at once. Returns how many were tried.

    What turns out to be paid is booked: money for a cancelled booking is held and told.
    """
    unwanted = _claim(Payment.objects.exclude(withdraw_since=None), WITHDRAW_AGAIN)
    for payment in unwanted:
        try:
            withdraw_payment(payment, actor=None)
        except PaymentInProgress:
            # The gateway is away, or the payer's bank is at it: it is tried again.
            continue
    return len(unwanted)


def _claim(payments: PaymentQuerySet, pause: timedelta) -> list[Payment]:
    """Take the open payments that nobody asked about for so long; the note of it is written at once."""
    now = clock.now()
    due = payments.open().filter(Q(asked_at=None) | Q(asked_at__lt=now - pause))
    with writing(None):
        claimed = list(
            due.exclude(payment_gateway=GatewayCode.BANK_TRANSFER)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("booking", "patient__user")
            .order_by("created_at")[:PAYMENTS_A_RUN]
        )
        Payment.objects.filter(pk__in=[payment.pk for payment in claimed]).update(asked_at=now)
    return claimed
