"""The journey's arrangements as they come in and go out."""

from typing import Any

from rest_framework import serializers

from apps.bookings.api.fields import ObjectField, ObjectsField
from apps.bookings.models import ItemStatus, TravelPlan, VisaStatus


class Checklist(serializers.Serializer[Any]):
    """How each item stands."""

    visa = serializers.ChoiceField(choices=VisaStatus.choices, required=False)
    flights = serializers.ChoiceField(choices=ItemStatus.choices, required=False)
    transfers = serializers.ChoiceField(choices=ItemStatus.choices, required=False)
    accommodation = serializers.ChoiceField(choices=ItemStatus.choices, required=False)


class TravelIn(serializers.Serializer[Any]):
    """Details, and how each item stands. What is left out stays."""

    visa = ObjectField(required=False)
    flights = ObjectsField(required=False)
    transfers = ObjectsField(required=False)
    accommodation = ObjectField(required=False)
    checklist = Checklist(required=False)


class TravelOut(serializers.ModelSerializer[TravelPlan]):
    visa = ObjectField()
    flights = ObjectsField()
    transfers = ObjectsField()
    accommodation = ObjectField()
    checklist = Checklist()
    is_complete = serializers.BooleanField()

    class Meta:
        model = TravelPlan
        fields = ("visa", "flights", "transfers", "accommodation", "checklist", "is_complete")
