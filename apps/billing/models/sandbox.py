"""The sandbox gateway's own memory: what a payment provider would keep on its side. We read it through it only."""

from django.db import models

from medivoy.core import clock
from medivoy.core.models import Record


class SandboxCheckout(Record):
    """A checkout at the sandbox; the token in its address is the secret."""

    token = models.CharField(max_length=64, unique=True)
    # Our payment's id, as the merchant's reference; the sandbox honours it as idempotency key.
    reference = models.CharField(max_length=64, unique=True)
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20, default="open")
    refunded = models.DecimalField(max_digits=18, decimal_places=3, default=0)

    class Meta(Record.Meta):
        db_table = "sandbox_checkouts"

    def __str__(self) -> str:
        return f"sandbox {self.pk}"


class SandboxDelivery(Record):
    """A webhook that the sandbox has still to post, or has posted."""

    checkout = models.ForeignKey(SandboxCheckout, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.CharField(max_length=64)
    body = models.TextField()
    due_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta(Record.Meta):
        db_table = "sandbox_deliveries"

    def __str__(self) -> str:
        return self.event_id
