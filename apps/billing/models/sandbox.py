"""The sandbox gateway's own memory: what a payment provider would keep on its side. We read it through it only."""

from decimal import Decimal
from typing import Self

from django.db import models

from medivoy.core import clock
from medivoy.core.models import Entry, Record
from medivoy.core.money import ZERO, MoneyField


class CheckoutState(models.TextChoices):
    OPEN = "open"
    CAPTURED = "captured"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SandboxCheckout(Record):
    """A checkout at the sandbox; the token in its address is the secret."""

    token = models.CharField(max_length=64, unique=True)
    # The merchant's own id of it, which the sandbox takes as idempotency key.
    merchant_id = models.CharField(max_length=64, unique=True)
    description = models.CharField(max_length=255, blank=True)
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20, choices=CheckoutState.choices, default=CheckoutState.OPEN)
    language = models.CharField(max_length=10, default="en")

    class Meta(Record.Meta):
        db_table = "sandbox_checkouts"

    def __str__(self) -> str:
        return f"sandbox {self.pk}"

    def refunded(self) -> Decimal:
        """Return how much of it went back."""
        return self.refunds.aggregate(total=models.Sum("amount"))["total"] or ZERO


class SandboxRefund(Entry):
    """Money that the sandbox has sent back."""

    checkout = models.ForeignKey(SandboxCheckout, on_delete=models.CASCADE, related_name="refunds")
    merchant_id = models.CharField(max_length=64, unique=True)
    amount = MoneyField()

    class Meta:
        db_table = "sandbox_refunds"

    def __str__(self) -> str:
        return f"sandbox refund {self.pk}"


class SandboxDeliveryQuerySet(models.QuerySet["SandboxDelivery"]):
    def due(self) -> Self:
        return self.filter(delivered_at=None, given_up_at=None, due_at__lte=clock.now()).order_by("due_at", "id")


class SandboxDelivery(Record):
    """A webhook that the sandbox has still to post, or has posted."""

    checkout = models.ForeignKey(SandboxCheckout, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.CharField(max_length=64)
    body = models.TextField()
    due_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    objects = SandboxDeliveryQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "sandbox_deliveries"
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(delivered_at=None, given_up_at=None),
                name="sandbox_delivery_due",
            ),
        ]

    def __str__(self) -> str:
        return self.event_id
