"""Hospitals and doctors, as they go out and as they come in.

What goes out are lists of their own: no column comes in by itself (T21). Texts go out in the reader's language and
come in as the source language's.
"""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from apps.accounts.api.fields import EmailAddressField, PhoneField
from apps.accounts.models import User
from apps.hospitals.api.fields import TextsField, WebAddressField
from apps.hospitals.models import Doctor, Hospital, HospitalDoctor
from medivoy.api.fields import (
    AmountField,
    CountryField,
    CurrencyField,
    DayField,
    InstantField,
    PlainTextField,
    ReferenceField,
    TimezoneField,
)
from medivoy.api.rows import RowOut
from medivoy.core.text import plain


class HospitalRef(RowOut[Hospital]):
    """A hospital beside something else."""

    class Meta:
        model = Hospital
        fields = ("id", "slug", "name", "city")


class HospitalOut(RowOut[Hospital]):
    """A hospital as everyone sees it."""

    country = CountryField()
    logo = serializers.CharField()
    website = serializers.CharField()
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    created_at = InstantField()
    updated_at = InstantField()
    distance_km = serializers.SerializerMethodField(help_text="From `near`, where that was asked for.")

    class Meta:
        model = Hospital
        fields: tuple[str, ...] = (
            "id",
            "slug",
            "name",
            "type",
            "description",
            "logo",
            "country",
            "city",
            "address",
            "latitude",
            "longitude",
            "website",
            "certifications",
            "specializations",
            "is_verified",
            "is_active",
            "timezone",
            "currency",
            "created_at",
            "updated_at",
            "distance_km",
        )

    def get_distance_km(self, hospital: Any) -> float | None:
        distance = getattr(hospital, "distance_km", None)
        return None if distance is None else float(distance)


class HospitalDetails(HospitalOut):
    """A hospital as staff and its own administrator see it: with contacts and terms, never with bank details."""

    email = serializers.CharField()
    deposit_percent = serializers.FloatField()
    commission_percent = serializers.FloatField()

    class Meta(HospitalOut.Meta):
        fields = (
            *HospitalOut.Meta.fields,
            "phone",
            "email",
            "admin_user_id",
            "deposit_percent",
            "commission_percent",
            "issuer_code",
            "tax_number",
            "legal_name",
        )


AnyHospital = PolymorphicProxySerializer(
    component_name="AnyHospital", serializers=[HospitalDetails, HospitalOut], resource_type_field_name=None
)


class HospitalIn(serializers.ModelSerializer[Hospital]):
    """What a hospital's administrator writes of it."""

    name = PlainTextField(max_length=255)
    type = PlainTextField(max_length=50, required=False, allow_blank=True)
    description = PlainTextField(max_length=20_000, required=False, allow_blank=True)
    logo = WebAddressField(required=False, allow_blank=True)
    country = CountryField()
    city = PlainTextField(max_length=100, required=False, allow_blank=True)
    address = PlainTextField(required=False, allow_blank=True)
    latitude = serializers.DecimalField(
        min_value=-90, max_value=90, required=False, allow_null=True, max_digits=10, decimal_places=8
    )
    longitude = serializers.DecimalField(
        min_value=-180, max_value=180, required=False, allow_null=True, max_digits=11, decimal_places=8
    )
    phone = PhoneField(required=False, allow_blank=True)
    email = EmailAddressField(required=False, allow_blank=True)
    website = WebAddressField(required=False, allow_blank=True)
    certifications = TextsField(required=False)
    specializations = TextsField(required=False)
    timezone = TimezoneField(required=False)
    tax_number = PlainTextField(max_length=64, required=False, allow_blank=True)
    legal_name = PlainTextField(max_length=255, required=False, allow_blank=True)

    class Meta:
        model = Hospital
        fields: tuple[str, ...] = (
            "name",
            "type",
            "description",
            "logo",
            "country",
            "city",
            "address",
            "latitude",
            "longitude",
            "phone",
            "email",
            "website",
            "certifications",
            "specializations",
            "timezone",
            "tax_number",
            "legal_name",
        )

    def validate_name(self, name: str) -> str:
        """A name that is all markup would leave the hospital without one (T53)."""
        if not plain(name).strip():
            raise serializers.ValidationError(self.fields["name"].error_messages["blank"], code="blank")
        return name


class HospitalByAdminIn(HospitalIn):
    """What only an admin writes: who runs it, whether it is active, and money settings."""

    admin_user_id = ReferenceField(
        User.objects.active().who_may("hospital.administer"),
        source="admin_user",
        required=False,
        allow_null=True,
    )
    currency = CurrencyField(required=False)

    class Meta(HospitalIn.Meta):
        fields = (
            *HospitalIn.Meta.fields,
            "admin_user_id",
            "is_active",
            "currency",
            "deposit_percent",
            "commission_percent",
            "issuer_code",
        )


class VerificationIn(serializers.Serializer[Any]):
    is_verified = serializers.BooleanField(required=False, help_text="Default: true.")


class WorkplaceOut(RowOut[HospitalDoctor]):
    """Where a doctor works."""

    hospital = HospitalRef()

    class Meta:
        model = HospitalDoctor
        fields = ("hospital_id", "hospital", "department", "is_primary")


class DoctorOut(RowOut[Doctor]):
    """A doctor as everyone sees them: no contacts, no licence number."""

    first_name = serializers.CharField(source="user.first_name")
    last_name = serializers.CharField(source="user.last_name")
    profile_picture = serializers.CharField(source="user.profile_picture")
    consultation_fee = AmountField(allow_null=True)
    rating = serializers.FloatField()
    hospitals = WorkplaceOut(source="workplaces", many=True)
    created_at = InstantField()
    updated_at = InstantField()

    class Meta:
        model = Doctor
        fields = (
            "id",
            "first_name",
            "last_name",
            "profile_picture",
            "specialty",
            "qualification",
            "experience_years",
            "bio",
            "consultation_fee",
            "currency",
            "languages",
            "is_available_teleconsult",
            "timezone",
            "is_verified",
            "rating",
            "total_reviews",
            "hospitals",
            "created_at",
            "updated_at",
        )


class AffiliationIn(serializers.Serializer[Any]):
    doctor_id = ReferenceField(Doctor.objects, source="doctor")
    department = PlainTextField(max_length=100, required=False, allow_blank=True)
    is_primary = serializers.BooleanField(required=False)
    start_date = DayField(required=False, help_text="Default: today at the hospital.")


class AffiliationOut(RowOut[HospitalDoctor]):
    start_date = DayField(allow_null=True)
    end_date = DayField(allow_null=True)

    class Meta:
        model = HospitalDoctor
        fields = ("id", "hospital_id", "doctor_id", "department", "is_primary", "start_date", "end_date")
