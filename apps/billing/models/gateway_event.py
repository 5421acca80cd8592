"""What gateways tell us, stored once under their own id before anything is done."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.billing.models.payment import Payment
from apps.billing.states import EventOutcome
from medivoy.core import clock
from medivoy.core.audit import audited
from medivoy.core.models import Record
from medivoy.core.money import MoneyField


class GatewayEventQuerySet(models.QuerySet["GatewayEvent"]):
    def visible_to(self, user: Any) -> Self:
        """For those alone who look after the gateways."""
        return self if user.may("billing.view_gatewayevent") else self.none()

    def due(self) -> Self:
        """Those that are still to be applied, now."""
        return self.filter(applied_at=None, next_attempt_at__lte=clock.now())


class GatewayEvent(Record):
    """One event of a gateway, as the adapter read it. Applied once, by whoever holds its row.

    `subject` says whether `reference` names a payment or a refund at the gateway; `state` is a ReportedState.
    """

    gateway = models.CharField(_("gateway"), max_length=50)
    event_id = models.CharField(_("event"), max_length=255)
    type = models.CharField(_("type"), max_length=100)
    subject = models.CharField(_("about"), max_length=20)
    reference = models.CharField(_("reference"), max_length=255)
    state = models.CharField(_("state"), max_length=20)
    amount = MoneyField(_("amount"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    capture_reference = models.CharField(_("capture reference"), max_length=255, blank=True)
    occurred_at = models.DateTimeField(_("happened"))
    payload = models.JSONField()
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="events", verbose_name=_("payment")
    )
    outcome = models.CharField(_("outcome"), max_length=20, choices=EventOutcome.choices, default=EventOutcome.STORED)
    problem = models.CharField(_("problem"), max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=clock.now)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)

    objects = GatewayEventQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "gateway_events"
        triggers = [*Record.Meta.triggers, audited("gateway_event")]
        verbose_name = _("gateway event")
        verbose_name_plural = _("gateway events")
        constraints = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="one_row_per_gateway_event"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=EventOutcome.values), name="gateway_event_outcome_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(applied_at=None), name="gateway_event_due"),
            models.Index(fields=["gateway", "reference"], name="gateway_event_of_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event_id}"
