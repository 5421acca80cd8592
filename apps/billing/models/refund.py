"""Money on its way back."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.billing.models.payment import Payment
from apps.billing.states import RefundState
from apps.bookings.models import Booking
from medivoy.core import clock
from medivoy.core.models import Record
from medivoy.core.money import CurrencyField, MoneyField


class RefundQuerySet(models.QuerySet["Refund"]):
    def visible_to(self, user: Any) -> Self:
        """The refunds of the payments that the user sees."""
        return self.filter(payment__in=Payment.objects.visible_to(user))

    def counting(self) -> Self:
        """Those that take from what is left of a payment: all but the refused ones."""
        return self.exclude(status=RefundState.REJECTED)

    def due(self) -> Self:
        """Those that a worker is to bring to the gateway now."""
        return self.filter(status__in=[RefundState.APPROVED, RefundState.PROCESSING], next_attempt_at__lte=clock.now())


class Refund(Record):
    """A part of one payment that goes back the way it came. Its id is the gateway's idempotency key."""

    refund_number = models.CharField(_("number"), max_length=50, unique=True)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="refunds")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = MoneyField(_("amount"))
    currency = CurrencyField(_("currency"))
    status = models.CharField(_("state"), max_length=20, choices=RefundState.choices, default=RefundState.REQUESTED)
    is_by_policy = models.BooleanField(_("by policy"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    gateway_refund_id = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)
    completed_at = models.DateTimeField(null=True, blank=True)
    failure_reason = models.CharField(max_length=255, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "refunds"
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="refund_amount_positive"),
            models.CheckConstraint(condition=models.Q(status__in=RefundState.values), name="refund_status_is_known"),
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("requested_by"))
                | models.Q(is_by_policy=True),
                name="refund_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.refund_number
