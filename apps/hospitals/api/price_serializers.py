"""What is treated and what it costs: treatments, offers of hospitals, packages."""

from typing import Any

from rest_framework import serializers

from apps.hospitals.api.fields import TextsField
from apps.hospitals.api.serializers import HospitalOut, HospitalRef
from apps.hospitals.models import HospitalTreatment, Package, Treatment
from apps.hospitals.services.pricing import package_price
from medivoy.api.fields import (
    AmountField,
    CountryField,
    CurrencyField,
    DayField,
    InstantField,
    PlainTextField,
    ReferenceField,
)
from medivoy.api.rows import RowOut
from medivoy.core.money import format_amount


class TreatmentRef(RowOut[Treatment]):
    """A treatment beside something else."""

    class Meta:
        model = Treatment
        fields = ("id", "name")


class TreatmentOut(RowOut[Treatment]):
    image = serializers.CharField()
    created_at = InstantField()
    updated_at = InstantField()

    class Meta:
        model = Treatment
        fields = (
            "id",
            "name",
            "category",
            "description",
            "duration_days",
            "is_global",
            "image",
            "is_active",
            "created_at",
            "updated_at",
        )


class OfferOut(RowOut[HospitalTreatment]):
    """What a treatment costs at a hospital; without a price it is on request."""

    base_price = AmountField(allow_null=True)
    success_rate = serializers.FloatField(allow_null=True)

    class Meta:
        model = HospitalTreatment
        fields: tuple[str, ...] = (
            "id",
            "hospital_id",
            "treatment_id",
            "base_price",
            "currency",
            "duration_days",
            "success_rate",
            "description",
            "inclusions",
            "exclusions",
            "is_available",
        )


class OfferAtHospital(OfferOut):
    treatment = TreatmentOut()

    class Meta(OfferOut.Meta):
        fields = (*OfferOut.Meta.fields, "treatment")


class OfferOfTreatment(OfferOut):
    hospital = HospitalOut()

    class Meta(OfferOut.Meta):
        fields = (*OfferOut.Meta.fields, "hospital")


class OfferPatch(serializers.ModelSerializer[HospitalTreatment]):
    base_price = AmountField(minimum=0, required=False, allow_null=True)
    currency = CurrencyField(required=False)
    description = PlainTextField(max_length=20_000, required=False, allow_blank=True)
    inclusions = TextsField(required=False)
    exclusions = TextsField(required=False)

    class Meta:
        model = HospitalTreatment
        fields: tuple[str, ...] = (
            "base_price",
            "currency",
            "duration_days",
            "success_rate",
            "description",
            "inclusions",
            "exclusions",
            "is_available",
        )


class OfferIn(OfferPatch):
    treatment_id = ReferenceField(Treatment.objects.filter(is_active=True), source="treatment")

    class Meta(OfferPatch.Meta):
        fields = ("treatment_id", *OfferPatch.Meta.fields)


class TravelDay(serializers.Serializer[Any]):
    travel_date = DayField(required=False, help_text="The price is that day's.")


class PackageOut(RowOut[Package]):
    """A package, with the price of one traveller on the `travel_date` that was asked for."""

    country = CountryField()
    base_price = AmountField()
    price = serializers.SerializerMethodField(help_text="Of one traveller on `travel_date`, else the base price.")
    travel_date = serializers.SerializerMethodField()
    hospital_ids = serializers.SerializerMethodField()
    hospitals = HospitalRef(source="public_hospitals", many=True)
    treatment_ids = serializers.SerializerMethodField()
    treatments = TreatmentRef(source="active_treatments", many=True)
    created_at = InstantField()
    updated_at = InstantField()

    class Meta:
        model = Package
        fields = (
            "id",
            "name",
            "country",
            "description",
            "duration_days",
            "base_price",
            "currency",
            "price",
            "travel_date",
            "inclusions",
            "hospital_ids",
            "hospitals",
            "treatment_ids",
            "treatments",
            "flights_included",
            "accommodation_included",
            "transfers_included",
            "seasonal_pricing",
            "is_active",
            "created_at",
            "updated_at",
        )

    def get_price(self, package: Package) -> str:
        price = package_price(package, travel_date=self.context["travel_date"])
        return format_amount(price, package.currency)

    def get_travel_date(self, package: Package) -> str | None:
        day = self.context["travel_date"]
        return day.isoformat() if day else None

    def get_hospital_ids(self, package: Any) -> list[str]:
        return [str(hospital.pk) for hospital in package.public_hospitals]

    def get_treatment_ids(self, package: Any) -> list[str]:
        return [str(treatment.pk) for treatment in package.active_treatments]
