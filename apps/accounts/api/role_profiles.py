"""The part of a profile that depends on the role: what its owner reads, and the part of it that they write."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers

from apps.accounts.api.fields import PhoneField
from apps.clinical.models import Patient
from apps.hospitals.api.fields import TextsField
from apps.hospitals.models import Doctor, Hospital
from medivoy.api.fields import AmountField, CountryField, CurrencyField, DayField, PlainTextField, TimezoneField
from medivoy.core import clock, money

BLOOD_GROUPS = ("A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-")
OLDEST = 130


def text(length: int) -> PlainTextField:
    """Return a field for a text that may be left empty."""
    return PlainTextField(required=False, allow_blank=True, max_length=length)


class OptionalCountryField(CountryField):
    """A country that may be unknown: null outside, empty in the row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_null=True, **kwargs)

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) or None


class PatientDetailsIn(serializers.ModelSerializer[Patient]):
    date_of_birth = DayField(required=False, allow_null=True)
    gender = text(20)
    blood_group = serializers.ChoiceField(choices=BLOOD_GROUPS, required=False, allow_blank=True)
    country = OptionalCountryField()
    city = text(100)
    address = text(2000)
    emergency_contact_name = text(100)
    emergency_contact_phone = PhoneField(required=False, allow_blank=True)
    insurance_provider = text(255)
    insurance_policy_number = text(100)
    medical_history = TextsField(required=False)
    allergies = TextsField(required=False)
    current_medications = TextsField(required=False)

    class Meta:
        model = Patient
        fields: tuple[str, ...] = (
            "date_of_birth",
            "gender",
            "blood_group",
            "country",
            "city",
            "address",
            "emergency_contact_name",
            "emergency_contact_phone",
            "insurance_provider",
            "insurance_policy_number",
            "medical_history",
            "allergies",
            "current_medications",
        )

    def validate_country(self, code: str | None) -> str:
        return code or ""

    def validate_date_of_birth(self, day: Any) -> Any:
        today = clock.today()
        if day is not None and (day > today or day.year < today.year - OLDEST):
            raise serializers.ValidationError(_("This cannot be a date of birth."))
        return day


class PatientDetails(PatientDetailsIn):
    class Meta(PatientDetailsIn.Meta):
        fields = ("id", *PatientDetailsIn.Meta.fields)


class DoctorDetailsIn(serializers.ModelSerializer[Doctor]):
    """What doctors write on themselves. The licence number is theirs only until an admin has checked it (T20)."""

    specialty = text(100)
    qualification = text(2000)
    experience_years = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=80)
    license_number = text(100)
    bio = text(5000)
    consultation_fee = AmountField(required=False, allow_null=True, minimum=0)
    currency = CurrencyField(required=False)
    languages = TextsField(required=False, help_text="Languages spoken.")
    is_available_teleconsult = serializers.BooleanField(required=False)
    timezone = TimezoneField(required=False)

    class Meta:
        model = Doctor
        fields: tuple[str, ...] = (
            "specialty",
            "qualification",
            "experience_years",
            "license_number",
            "bio",
            "consultation_fee",
            "currency",
            "languages",
            "is_available_teleconsult",
            "timezone",
        )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        doctor = self.context["request"].user.doctor
        if doctor.is_verified:
            attrs.pop("license_number", None)
        fee = attrs.get("consultation_fee", doctor.consultation_fee)
        if fee is not None and not money.fits(fee, attrs.get("currency", doctor.currency)):
            raise serializers.ValidationError({"consultation_fee": [_("The currency has fewer decimals than this.")]})
        return attrs


class DoctorDetails(DoctorDetailsIn):
    rating = serializers.FloatField(read_only=True)

    class Meta(DoctorDetailsIn.Meta):
        fields = ("id", *DoctorDetailsIn.Meta.fields, "is_verified", "rating", "total_reviews")
        read_only_fields = ("is_verified", "total_reviews")


class AdministeredHospital(serializers.ModelSerializer[Hospital]):
    class Meta:
        model = Hospital
        fields = ("id", "name", "slug", "city", "country")

    country = CountryField()


class HospitalAdminDetails(serializers.Serializer[Any]):
    hospitals = AdministeredHospital(many=True)


class NoDetails(serializers.Serializer[Any]):
    """Coordinators, translators and admins have no profile beside their account."""


class NoDetailsSchema(OpenApiSerializerExtension):
    """An object without keys, which drf-spectacular would leave out."""

    target_class = NoDetails

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": False}
