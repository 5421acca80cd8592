"""What cancelling brings, before and after."""

from typing import Any

from rest_framework import serializers

from apps.billing.api.serializers import RefundOut
from apps.bookings.api.booking_serializers import BookingOut
from apps.bookings.states import CancelReason, Party
from medivoy.api.fields import AmountField, DayField


class RuleOut(serializers.Serializer[Any]):
    """From so many days before admission on, so many percent of what was paid go back."""

    min_days = serializers.IntegerField()
    percent = serializers.DecimalField(max_digits=5, decimal_places=2)
    applies = serializers.BooleanField()


class PaymentShareOut(serializers.Serializer[Any]):
    """What goes back to one payment."""

    payment_id = serializers.UUIDField(source="payment.id")
    transaction_id = serializers.CharField(source="payment.transaction_id")
    payment_gateway = serializers.CharField(source="payment.payment_gateway")
    amount = AmountField(currency="payment.currency")
    currency = serializers.CharField(source="payment.currency")


class TermsOut(serializers.Serializer[Any]):
    """What cancelling now would bring, rule by rule."""

    party = serializers.ChoiceField(choices=Party.choices)
    reason = serializers.ChoiceField(choices=CancelReason.choices)
    currency = serializers.CharField()
    policy_name = serializers.CharField()
    rules = RuleOut(many=True)
    confirmed_date = DayField(allow_null=True)
    days_before = serializers.IntegerField(allow_null=True)
    percent = serializers.DecimalField(max_digits=5, decimal_places=2)
    paid = AmountField()
    kept = AmountField()
    refund = AmountField()
    refund_with_proof = AmountField(
        allow_null=True, help_text="Once a coordinator has checked the document that proves the reason."
    )
    by_payment = PaymentShareOut(many=True)


class CancelledOut(serializers.Serializer[Any]):
    """The cancelled booking, and the refund that follows."""

    booking = BookingOut()
    kept = AmountField(currency="booking.currency")
    refund = AmountField(currency="booking.currency")
    currency = serializers.CharField(source="booking.currency")
    refunds = RefundOut(many=True)
