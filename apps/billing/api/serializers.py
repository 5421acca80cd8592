"""Payments and refunds as they come in and go out: shape only."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.billing.models import GatewayCode, Payment, Refund
from apps.billing.policies import may_pay
from apps.billing.states import RefundState
from apps.bookings.models import Booking
from medivoy.api.fields import AmountField, CurrencyField, DayField, InstantField, PlainTextField, ReferenceField
from medivoy.core.money import ZERO, format_amount

BANK_ACCOUNT = ("account_holder", "iban", "bic", "bank", "transfer_reference")


class BookingBrief(serializers.Serializer[Booking]):
    """The booking that something belongs to."""

    id = serializers.UUIDField()
    booking_number = serializers.CharField()


class BankAccountOut(serializers.Serializer[Any]):
    """Where a bank transfer goes, and the reference that it must carry."""

    account_holder = serializers.CharField()
    iban = serializers.CharField()
    bic = serializers.CharField()
    bank = serializers.CharField()
    transfer_reference = serializers.CharField()


class PaymentOut(serializers.ModelSerializer[Payment]):
    """A payment; what the payer's client needs to pay stands in it while it is open, for those who may pay."""

    booking_id = serializers.UUIDField()
    booking = BookingBrief()
    patient_id = serializers.UUIDField()
    amount = AmountField()
    refund_amount = serializers.SerializerMethodField()
    refund_date = serializers.SerializerMethodField()
    payment_date = InstantField(allow_null=True)
    receipt_number = serializers.SerializerMethodField()
    checkout_url = serializers.SerializerMethodField()
    client_secret = serializers.SerializerMethodField()
    order_id = serializers.SerializerMethodField()
    bank_account = serializers.SerializerMethodField()
    created_at = InstantField()
    updated_at = InstantField()

    class Meta:
        model = Payment
        fields = (
            "id",
            "transaction_id",
            "booking_id",
            "booking",
            "patient_id",
            "amount",
            "currency",
            "payment_method",
            "payment_gateway",
            "gateway_transaction_id",
            "status",
            "payment_date",
            "failure_reason",
            "refund_amount",
            "refund_date",
            "receipt_number",
            "checkout_url",
            "client_secret",
            "order_id",
            "bank_account",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_refund_amount(self, payment: Payment) -> str:
        amounts = [refund.amount for refund in self._completed_refunds(payment)]
        return format_amount(sum(amounts, ZERO), payment.currency)

    @extend_schema_field(InstantField(allow_null=True))
    def get_refund_date(self, payment: Payment) -> str | None:
        days = [refund.completed_at for refund in self._completed_refunds(payment) if refund.completed_at]
        return InstantField().to_representation(max(days)) if days else None

    def get_receipt_number(self, payment: Payment) -> str | None:
        receipt = getattr(payment, "receipt", None)
        return receipt.receipt_number if receipt else None

    def get_checkout_url(self, payment: Payment) -> str | None:
        return self._client_data(payment).get("checkout_url")

    def get_client_secret(self, payment: Payment) -> str | None:
        return self._client_data(payment).get("client_secret")

    def get_order_id(self, payment: Payment) -> str | None:
        return self._client_data(payment).get("order_id")

    @extend_schema_field(BankAccountOut(allow_null=True))
    def get_bank_account(self, payment: Payment) -> dict[str, str] | None:
        data = self._client_data(payment)
        return {name: data.get(name, "") for name in BANK_ACCOUNT} if "transfer_reference" in data else None

    def _client_data(self, payment: Payment) -> dict[str, str]:
        is_shown = payment.is_open and may_pay(self.context["request"].user, payment.booking)
        return payment.client_data if is_shown else {}

    @staticmethod
    def _completed_refunds(payment: Payment) -> list[Refund]:
        return [refund for refund in payment.refunds.all() if refund.status == RefundState.COMPLETED]


class PaymentIn(serializers.Serializer[Any]):
    """Begin to pay: the next milestone (without an amount) or the whole balance."""

    booking_id = ReferenceField(Booking.objects, source="booking")
    payment_gateway = serializers.ChoiceField(choices=GatewayCode.choices)
    amount = AmountField(required=False)
    currency = CurrencyField(required=False)
    payment_method = PlainTextField(required=False, allow_blank=True, max_length=50)


class ConfirmIn(serializers.Serializer[Any]):
    """A line of the bank's statement."""

    value_date = DayField()
    sender = PlainTextField(max_length=255)
    reference = PlainTextField(max_length=140)
    amount = AmountField()
    currency = CurrencyField()
    proof = PlainTextField()


class RefundIn(serializers.Serializer[Any]):
    """Ask for money back: all that is left of the payment, or a part."""

    amount = AmountField(required=False)
    reason = PlainTextField(required=False, allow_blank=True, default="")


class RefundOut(serializers.ModelSerializer[Refund]):
    """A refund; `requested` waits for another person's approval."""

    booking_id = serializers.UUIDField()
    payment_id = serializers.UUIDField()
    amount = AmountField()
    requested_by_id = serializers.UUIDField(allow_null=True)
    approved_by_id = serializers.UUIDField(allow_null=True)
    completed_at = InstantField(allow_null=True)
    created_at = InstantField()

    class Meta:
        model = Refund
        fields = (
            "id",
            "refund_number",
            "booking_id",
            "payment_id",
            "amount",
            "currency",
            "status",
            "is_by_policy",
            "reason",
            "requested_by_id",
            "approved_by_id",
            "gateway_refund_id",
            "failure_reason",
            "completed_at",
            "created_at",
        )
        read_only_fields = fields


class WebhookOut(serializers.Serializer[Any]):
    """How many events a webhook brought."""

    received = serializers.IntegerField(min_value=0)
