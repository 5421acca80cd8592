"""A user and the profile of their role: one object to those who read it, two rows below."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from apps.accounts.api.fields import NameField, PasswordField, PhoneField
from apps.accounts.api.proofs import guarded_phone
from apps.accounts.api.role_profiles import (
    DoctorDetails,
    DoctorDetailsIn,
    HospitalAdminDetails,
    NoDetails,
    PatientDetails,
    PatientDetailsIn,
)
from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.accounts.services.profile import update_account
from apps.clinical.models import Patient
from apps.hospitals.models import Hospital
from apps.hospitals.services.source_language import save_in_source_language
from medivoy.api.access import EmailNotVerified
from medivoy.api.fields import InstantField, TimezoneField
from medivoy.core.errors import StaleVersion

# The row beside the account, by role, and how it is written.
ROWS: dict[str, str] = {Role.PATIENT: "patient", Role.DOCTOR: "doctor"}
DETAILS: dict[str, Any] = {Role.PATIENT: PatientDetails, Role.DOCTOR: DoctorDetails}
DETAILS_IN: dict[str, Any] = {Role.PATIENT: PatientDetailsIn, Role.DOCTOR: DoctorDetailsIn}

AnyDetails = PolymorphicProxySerializer(
    component_name="ProfileDetails",
    serializers=[PatientDetails, DoctorDetails, HospitalAdminDetails, NoDetails],
    resource_type_field_name=None,
)
AnyDetailsIn = PolymorphicProxySerializer(
    component_name="ProfileDetailsIn", serializers=[PatientDetailsIn, DoctorDetailsIn], resource_type_field_name=None
)


class Profile(serializers.ModelSerializer[User]):
    """All that people see of their own account: a list of its own, no column comes in by itself (T4)."""

    last_login = InstantField(read_only=True, allow_null=True)
    created_at = InstantField(read_only=True)
    updated_at = InstantField(read_only=True)
    mfa_enabled = serializers.BooleanField(source="has_second_factor", read_only=True)
    recovery_codes_left = serializers.SerializerMethodField()
    profile = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "phone",
            "user_type",
            "first_name",
            "last_name",
            "profile_picture",
            "preferred_language",
            "timezone",
            "is_verified",
            "is_active",
            "mfa_enabled",
            "recovery_codes_left",
            "last_login",
            "created_at",
            "updated_at",
            "profile",
        )

    def get_recovery_codes_left(self, user: User) -> int:
        return user.recovery_codes.filter(is_used=False).count() if user.has_second_factor else 0

    @extend_schema_field(AnyDetails)
    def get_profile(self, user: User) -> dict[str, Any]:
        if user.may("hospital.administer"):
            hospitals = Hospital.objects.visible_to(user).administered_by(user).order_by("name")
            return HospitalAdminDetails({"hospitals": hospitals}).data
        row = details_of(user)
        return DETAILS[user.user_type](row, context=self.context).data if row else {}


@extend_schema_field(AnyDetailsIn)
class DetailsField(serializers.DictField):
    """The part of the body that depends on the asker's role."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        user = self.context["request"].user
        if not isinstance(data, dict):
            self.fail("not_a_dict", input_type=type(data).__name__)
        row = details_of(user)
        if row is None:
            return {}
        details = DETAILS_IN[user.user_type](row, data=data, partial=True, context=self.context)
        details.is_valid(raise_exception=True)
        return details.validated_data


class ProfileIn(serializers.Serializer[User]):
    first_name = NameField(required=False, max_length=100)
    last_name = NameField(required=False, max_length=100)
    phone = PhoneField(required=False, allow_null=True)
    current_password = PasswordField(required=False, help_text="Needed where the phone number changes.")
    preferred_language = serializers.ChoiceField(required=False, choices=settings.LANGUAGES)
    timezone = TimezoneField(required=False)
    profile = DetailsField(required=False)


def details_of(user: User) -> Any:
    """Return the row beside the account, or None where the role has none."""
    return getattr(user, ROWS.get(user.user_type, ""), None)


@dataclass(frozen=True)
class Versioned:
    """What an ETag of two rows rests on: the sum of their versions, since either only grows."""

    version: int


def versioned(user: User, *, expected: frozenset[int] | None) -> Versioned:
    """Return the version of the user's profile. With `expected` both rows are locked and compared first; raises
    StaleVersion (412)."""
    rows: list[Any] = [row for row in (user, details_of(user)) if row is not None]
    if expected is None:
        return Versioned(sum(row.version for row in rows))
    versions = (type(row).objects.filter(pk=row.pk).values_list("version", flat=True) for row in rows)
    locked = [version.select_for_update(no_key=True).get() for version in versions]
    if sum(locked) not in expected:
        raise StaleVersion
    return Versioned(sum(locked))


def refuse_unproven(user: User, body: dict[str, Any]) -> None:
    """A patient's profile is health data: nobody writes it whose e-mail is not proven (T3)."""
    if "profile" in body and not user.is_verified and isinstance(details_of(user), Patient):
        raise EmailNotVerified


def update(user: User, values: dict[str, Any], *, network: str) -> None:
    """Write what the user may write of their account and of their role's profile."""
    details = values.pop("profile", {})
    password = values.pop("current_password", "")
    with guarded_phone(user, values.get("phone", user.phone), password=password, network=network):
        update_account(user, changes=values, current_password=password)
    if details:
        save_in_source_language(details_of(user), details)
