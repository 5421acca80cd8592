"""What gateways tell us, stored once under their own id before anything is done."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.billing.models.payment import Payment
from apps.billing.states import EventOutcome
from medivoy.core import clock
from medivoy.core.models import Record


class GatewayEvent(Record):
    """One event of a gateway. Applied once, by whoever holds its row."""

    gateway = models.CharField(max_length=50)
    event_id = models.CharField(max_length=255)
    type = models.CharField(max_length=100)
    payload = models.JSONField()
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="events")
    outcome = models.CharField(max_length=20, choices=EventOutcome.choices, default=EventOutcome.STORED)
    problem = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta(Record.Meta):
        db_table = "gateway_events"
        verbose_name = _("gateway event")
        verbose_name_plural = _("gateway events")
        constraints = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="one_row_per_gateway_event"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(applied_at=None), name="gateway_event_due"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event_id}"
