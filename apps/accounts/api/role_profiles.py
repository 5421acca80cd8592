"""The part of a profile that depends on the role: what its owner reads, and the part of it that they write."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.accounts.api.fields import PhoneField
from apps.clinical.models import Patient
from apps.hospitals.models import Doctor, Hospital
from medivoy.api.fields import AmountField, CountryField, CurrencyField, DayField, PlainTextField, TimezoneField
from medivoy.core import clock, money

BLOOD_GROUPS = ("A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-")
LONGEST_LIST = 100
OLDEST = 130


def text(length: int) -> PlainTextField:
    """Return a field for a text that may be left empty."""
    return PlainTextField(required=False, allow_blank=True, max_length=length)


def texts() -> serializers.ListField:
    """Return a field for a list of short texts."""
    return serializers.ListField(child=PlainTextField(max_length=500), max_length=LONGEST_LIST, required=False)


class PatientDetailsIn(serializers.ModelSerializer[Patient]):
    date_of_birth = DayField(required=False, allow_null=True)
    gender = text(20)
    blood_group = serializers.ChoiceField(choices=BLOOD_GROUPS, required=False, allow_blank=True)
    country = CountryField(required=False)
    city = text(100)
    address = text(2000)
    emergency_contact_name = text(100)
    emergency_contact_phone = PhoneField(required=False, allow_blank=True)
    insurance_provider = text(255)
    insurance_policy_number = text(100)
    medical_history = texts()
    allergies = texts()
    current_medications = texts()

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
    languages = serializers.ListField(
        child=PlainTextField(max_length=40), max_length=LONGEST_LIST, required=False, help_text="Languages spoken."
    )
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
    rating = serializers.DecimalField(max_digits=3, decimal_places=2, read_only=True)

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
