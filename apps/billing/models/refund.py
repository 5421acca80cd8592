"""Money on its way back."""

from typing import Any, Self
from uuid import UUID, uuid5

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.billing.models.payment import GatewayCode, Payment
from apps.billing.states import RefundState
from apps.bookings.models import Booking
from medivoy.core import clock
from medivoy.core.audit import audited
from medivoy.core.models import Record
from medivoy.core.money import CurrencyField, MoneyField


class RefundQuerySet(models.QuerySet["Refund"]):
    def visible_to(self, user: Any) -> Self:
        """The refunds of the payments that the user sees."""
        return self.filter(payment__in=Payment.objects.visible_to(user))

    def counting(self) -> Self:
        """Those that take from what is left of a payment: all but the refused ones."""
        return self.exclude(status=RefundState.REJECTED)

    def committed(self) -> Self:
        """Those that are decided: they have gone back, or will."""
        return self.exclude(status__in=[RefundState.REJECTED, RefundState.REQUESTED])

    def completed(self) -> Self:
        return self.filter(status=RefundState.COMPLETED)

    def for_list(self) -> Self:
        return self.select_related("payment", "booking")

    for_detail = for_list

    def due(self) -> Self:
        """Those that a worker is to bring to the gateway now; people send those of bank transfers."""
        return self.filter(
            status__in=[RefundState.APPROVED, RefundState.PROCESSING], next_attempt_at__lte=clock.now()
        ).exclude(payment__payment_gateway=GatewayCode.BANK_TRANSFER)

    def to_send_by_hand(self) -> Self:
        """Those that a coordinator is to send by bank."""
        return self.filter(
            status__in=[RefundState.APPROVED, RefundState.PROCESSING],
            payment__payment_gateway=GatewayCode.BANK_TRANSFER,
        )


class Refund(Record):
    """A part of one payment that goes back the way it came. Its id is the gateway's idempotency key."""

    refund_number = models.CharField(_("number"), max_length=50, unique=True)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("booking"))
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("payment"))
    amount = MoneyField(_("amount"))
    currency = CurrencyField(_("currency"))
    status = models.CharField(_("state"), max_length=20, choices=RefundState.choices, default=RefundState.REQUESTED)
    is_by_policy = models.BooleanField(_("by policy"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    # The gateway's name for it; of a refund made by hand, the bank's.
    gateway_refund_id = models.CharField(_("gateway reference"), max_length=255, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("completed by"),
    )
    # Which try of a person it is: a refund that failed and is tried again has another key at the gateway.
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=clock.now)
    completed_at = models.DateTimeField(_("completed at"), null=True, blank=True)
    failure_reason = models.CharField(_("why it failed"), max_length=255, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "refunds"
        triggers = [*Record.Meta.triggers, audited("refund")]
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(status__in=["approved", "processing"]),
                name="refund_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["gateway_refund_id"],
                condition=~models.Q(gateway_refund_id=""),
                name="one_refund_per_gateway_refund",
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="refund_amount_positive"),
            models.CheckConstraint(condition=models.Q(status__in=RefundState.values), name="refund_status_is_known"),
            models.CheckConstraint(
                condition=models.Q(approved_by=None)
                | ~models.Q(approved_by=models.F("requested_by"))
                | models.Q(is_by_policy=True),
                name="refund_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.refund_number

    @property
    def is_by_hand(self) -> bool:
        """Whether a person sends it, because the money came by bank."""
        return self.payment.payment_gateway == GatewayCode.BANK_TRANSFER

    @property
    def gateway_key(self) -> UUID:
        """The idempotency key at the gateway: the refund's id, and one made of it for each later round."""
        return self.pk if self.round == 1 else uuid5(self.pk, str(self.round))
