"""Payments, and the bank transfers behind some of them."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.billing.states import OPEN_PAYMENT_STATES, PaymentState
from apps.bookings.models import Booking
from apps.clinical.models import Patient
from medivoy.core.audit import audited
from medivoy.core.models import Entry, Record, append_only
from medivoy.core.money import CurrencyField, MoneyField


class GatewayCode(models.TextChoices):
    STRIPE = "stripe", "Stripe"
    RAZORPAY = "razorpay", "Razorpay"
    BANK_TRANSFER = "bank_transfer", _("Bank transfer")
    SANDBOX = "sandbox", _("Sandbox")


class PaymentQuerySet(models.QuerySet["Payment"]):
    def visible_to(self, user: Any) -> Self:
        """A patient's own, a hospital's; coordinators and admins see all; nobody else any."""
        if user.may("billing.view_payment"):
            return self
        if user.has_role(Role.PATIENT):
            return self.filter(patient__user=user)
        if user.has_role(Role.HOSPITAL_ADMIN):
            return self.filter(booking__hospital__admin_user=user)
        return self.none()

    def open(self) -> Self:
        return self.filter(status__in=OPEN_PAYMENT_STATES)

    def completed(self) -> Self:
        return self.filter(status=PaymentState.COMPLETED)

    def newest_first(self) -> Self:
        """In the order in which refunds go back."""
        return self.order_by("-payment_date", "-id")

    def for_list(self) -> Self:
        return self.select_related("booking__patient", "receipt").prefetch_related("refunds")

    def for_detail(self) -> Self:
        return self.for_list().select_related("patient__user")


class Payment(Record):
    """One attempt to pay on a booking. Its id is the gateway's idempotency key; amounts are in `currency`."""

    transaction_id = models.CharField(_("number"), max_length=100, unique=True)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="payments", verbose_name=_("booking"))
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="payments", verbose_name=_("patient"))
    amount = MoneyField(_("amount"))
    currency = CurrencyField(_("currency"))
    payment_method = models.CharField(_("method"), max_length=50, blank=True)
    payment_gateway = models.CharField(_("gateway"), max_length=50, choices=GatewayCode.choices)
    # The gateway's name for this attempt: payment intent, order, checkout.
    gateway_transaction_id = models.CharField(_("gateway reference"), max_length=255, blank=True)
    status = models.CharField(_("state"), max_length=50, choices=PaymentState.choices, default=PaymentState.PENDING)
    payment_date = models.DateTimeField(_("paid at"), null=True, blank=True)
    failure_reason = models.CharField(_("why it failed"), max_length=255, blank=True)
    # What the gateway says and we did not ask for: held for a person, never settled.
    mismatch = models.CharField(_("mismatch"), max_length=255, blank=True)
    # The gateway's name for the capture, where refunds go against that and not against the attempt.
    capture_reference = models.CharField(_("capture reference"), max_length=255, blank=True)
    # What the payer's client needs to pay; handed out to the payer, and to staff who send them the link.
    client_data = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    # When the gateway was last asked how it stands.
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True)
    # The booking ended: a worker withdraws the attempt at the gateway.
    withdraw_since = models.DateTimeField(_("being withdrawn since"), null=True, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "payments"
        triggers = [*Record.Meta.triggers, audited("payment", untold=["asked_at"])]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(
                fields=["booking"],
                condition=models.Q(status__in=["pending", "processing"]),
                name="one_open_payment_per_booking",
            ),
            models.UniqueConstraint(
                fields=["payment_gateway", "gateway_transaction_id"],
                condition=~models.Q(gateway_transaction_id=""),
                name="one_payment_per_gateway_transaction",
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(condition=models.Q(status__in=PaymentState.values), name="payment_status_is_known"),
        ]
        indexes = [
            models.Index(fields=["booking", "-created_at"], name="payment_of_booking"),
            models.Index(
                fields=["asked_at"],
                condition=models.Q(status__in=["pending", "processing"]),
                name="payment_open_by_asking",
            ),
        ]

    def __str__(self) -> str:
        return self.transaction_id

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_PAYMENT_STATES


class BankReceiptQuerySet(models.QuerySet["BankReceipt"]):
    def visible_to(self, user: Any) -> Self:
        """For staff alone: a line of the bank's statement names who sent money, whoever that was."""
        return self if user.may("billing.view_bankreceipt") else self.none()

    def unmatched(self) -> Self:
        """Money that belongs to no booking yet."""
        return self.filter(booking=None)

    def waiting_for_second_person(self) -> Self:
        return self.filter(needs_second_person=True, confirmed_by=None).exclude(payment=None)


class BankReceipt(Record):
    """Money that arrived at the bank, as a coordinator read it off the statement. A bank reference counts once."""

    booking = models.ForeignKey(
        Booking,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="bank_receipts",
        verbose_name=_("booking"),
    )
    payment = models.OneToOneField(
        Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="bank_receipt", verbose_name=_("payment")
    )
    value_date = models.DateField(_("value date"))
    sender = models.CharField(_("sender"), max_length=255)
    reference = models.CharField(_("bank reference"), max_length=140, unique=True)
    amount = MoneyField(_("amount"))
    currency = CurrencyField(_("currency"))
    proof = models.TextField(_("proof"))
    needs_second_person = models.BooleanField(_("needs a second person"), default=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    # Above the limit a second person completes it.
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    objects = BankReceiptQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "bank_receipts"
        triggers = [*Record.Meta.triggers, audited("bank_receipt")]
        verbose_name = _("bank receipt")
        verbose_name_plural = _("bank receipts")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="bank_receipt_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None)
                | ~models.Q(confirmed_by=models.F("recorded_by"))
                | models.Q(needs_second_person=False),
                name="bank_receipt_second_person_is_another",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def visible_to(self, user: Any) -> Self:
        """The receipts of the payments that the user sees."""
        return self.filter(payment__in=Payment.objects.visible_to(user))


class Receipt(Entry):
    """The receipt of a completed payment, with its own number."""

    receipt_number = models.CharField(_("number"), max_length=50, unique=True)
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="receipt", verbose_name=_("payment"))

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        db_table = "receipts"
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        triggers = [*append_only(), audited("receipt")]

    def __str__(self) -> str:
        return self.receipt_number
