"""Quotations as they come in and go out: shape only."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from apps.bookings.api.briefs import DoctorBrief, TreatmentBrief
from apps.bookings.models import LineKind, Quotation, QuotationLine
from apps.bookings.services.quotation import Offer, OfferLine
from apps.hospitals.models import Doctor, Treatment
from medivoy.api.fields import AmountField, CurrencyField, DayField, InstantField, PlainTextField, ReferenceField

MOST_LINES = 100


class LineIn(serializers.Serializer[Any]):
    """A line. Only included lines and chosen optional ones add up; `unit_price_to` ends a possible extra's range."""

    description = PlainTextField(max_length=500)
    quantity = serializers.DecimalField(max_digits=9, decimal_places=2, min_value=Decimal("0.01"))
    unit_price = AmountField(minimum=0)
    kind = serializers.ChoiceField(choices=LineKind.choices, default=LineKind.INCLUDED)
    tax_rate = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, default=Decimal(0), help_text="Percent, on top."
    )
    unit_price_to = AmountField(minimum=0, required=False, allow_null=True)
    is_chosen = serializers.BooleanField(default=False)


class QuotationIn(serializers.Serializer[Any]):
    """What a version says. Without an admission date it is the wished one, without a doctor the booking's."""

    line_items = LineIn(many=True, allow_empty=False, max_length=MOST_LINES)
    currency = CurrencyField()
    valid_until = DayField()
    admission_date = DayField(required=False, allow_null=True)
    nights = serializers.IntegerField(min_value=0, max_value=1000, required=False, allow_null=True)
    exclusions = serializers.ListField(child=PlainTextField(max_length=500), max_length=50, required=False)
    rests_on = PlainTextField(max_length=5000, required=False, allow_blank=True)
    doctor_id = ReferenceField(Doctor.objects, source="doctor", required=False, allow_null=True)
    treatment_id = ReferenceField(Treatment.objects, source="treatment", required=False, allow_null=True)

    def offer(self) -> Offer:
        """Return the checked body as the service takes it."""
        said = dict(self.validated_data)
        return Offer(lines=[OfferLine(**line) for line in said.pop("line_items")], **said)


class LineOut(serializers.ModelSerializer[QuotationLine]):
    quantity = serializers.DecimalField(max_digits=9, decimal_places=2)
    unit_price = AmountField(currency="quotation.currency")
    unit_price_to = AmountField(currency="quotation.currency", allow_null=True)
    tax_rate = serializers.DecimalField(max_digits=5, decimal_places=2)
    amount = AmountField(currency="quotation.currency")
    tax_amount = AmountField(currency="quotation.currency")

    class Meta:
        model = QuotationLine
        fields = (
            "description",
            "kind",
            "quantity",
            "unit_price",
            "unit_price_to",
            "tax_rate",
            "is_chosen",
            "amount",
            "tax_amount",
        )


class QuotationOut(serializers.ModelSerializer[Quotation]):
    """One version, with its totals: subtotal and tax, and the rounding that brings them to what can be paid."""

    version = serializers.IntegerField(source="version_number")
    line_items = LineOut(source="lines", many=True)
    subtotal = AmountField()
    tax_amount = AmountField()
    rounding = AmountField()
    total = AmountField()
    doctor = DoctorBrief(allow_null=True)
    treatment = TreatmentBrief(allow_null=True)
    admission_date = DayField(allow_null=True)
    exclusions = serializers.ListField(child=serializers.CharField())
    valid_until = DayField()
    expires_at = InstantField(help_text="The end of `valid_until` at the hospital.")
    sent_at = InstantField(allow_null=True)
    closed_at = InstantField(allow_null=True, help_text="Declined, expired, superseded or withdrawn.")
    created_at = InstantField()

    class Meta:
        model = Quotation
        fields = (
            "id",
            "booking_id",
            "quotation_number",
            "version",
            "status",
            "currency",
            "line_items",
            "subtotal",
            "tax_amount",
            "rounding",
            "total",
            "doctor_id",
            "doctor",
            "treatment_id",
            "treatment",
            "admission_date",
            "nights",
            "exclusions",
            "rests_on",
            "valid_until",
            "expires_at",
            "sent_at",
            "closed_at",
            "decline_reason",
            "created_at",
        )


class AnswerIn(serializers.Serializer[Any]):
    """Which version is accepted; it may be left out while only one was ever sent."""

    version = serializers.IntegerField(min_value=1, max_value=32_767, required=False, allow_null=True)


class DeclineIn(AnswerIn):
    reason = PlainTextField()
