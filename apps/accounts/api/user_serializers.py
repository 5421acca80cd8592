"""Accounts as an admin sees, makes and changes them. Shape only; no column comes in or goes out by itself (T4)."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from apps.accounts import roles
from apps.accounts.api.fields import EmailAddressField, NameField, PasswordField, PhoneField
from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.accounts.services.users import RoleReason
from medivoy.api.fields import InstantField, PlainTextField, ReferenceField, TimezoneField
from medivoy.api.rows import RowOut

# Whom an admin makes: those whom nobody signs up for, and doctors.
MADE = sorted(roles.APPOINTED | {Role.DOCTOR.value})


class UserOut(RowOut[User]):
    """An account."""

    spoken_languages = serializers.ListField(child=serializers.CharField())
    mfa_enabled = serializers.BooleanField(source="has_second_factor")
    has_password = serializers.BooleanField(
        source="has_usable_password", help_text="False until an invitation is accepted."
    )
    away_until = InstantField(allow_null=True)
    last_login = InstantField(allow_null=True)
    erased_at = InstantField(allow_null=True)
    created_at = InstantField()
    updated_at = InstantField()

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
            "spoken_languages",
            "away_until",
            "is_verified",
            "is_active",
            "mfa_enabled",
            "has_password",
            "last_login",
            "erased_at",
            "created_at",
            "updated_at",
        )


class PlainFields(serializers.Serializer[Any]):
    """What is written on an account by whoever may."""

    phone = PhoneField(required=False, allow_null=True)
    preferred_language = serializers.ChoiceField(choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    timezone = TimezoneField(default="UTC")
    spoken_languages = serializers.ListField(
        child=serializers.ChoiceField(choices=settings.LANGUAGES), required=False, max_length=len(settings.LANGUAGES)
    )


class UserIn(PlainFields):
    """A new account. Its owner gets a mail with a link to set the password."""

    email = EmailAddressField()
    user_type = serializers.ChoiceField(choices=[choice for choice in Role.choices if choice[0] in MADE])
    first_name = NameField(required=False, max_length=100)
    last_name = NameField(required=False, max_length=100)


class UserPatch(PlainFields):
    first_name = NameField(required=False, allow_blank=True, max_length=100)
    last_name = NameField(required=False, allow_blank=True, max_length=100)
    away_until = InstantField(required=False, allow_null=True, help_text="Of others; gets no new cases until then.")
    user_type = serializers.ChoiceField(
        choices=[choice for choice in Role.choices if choice[0] in roles.APPOINTED],
        required=False,
        help_text="A, of others: one of the roles that nobody signs up for.",
    )
    reason = serializers.ChoiceField(
        choices=RoleReason.choices, required=False, help_text="Why another role; kept in the audit trail."
    )
    reassign_to = ReferenceField(
        User.objects, required=False, allow_null=True, help_text="Who takes the open cases of a former coordinator."
    )
    current_password = PasswordField(required=False, help_text="Needed where one's own phone number changes.")


class DeactivateIn(serializers.Serializer[Any]):
    reassign_to = ReferenceField(
        User.objects,
        required=False,
        allow_null=True,
        help_text="The coordinator who takes the open cases; by default each moves by the rule of assignment.",
    )


class AcceptInvitation(serializers.Serializer[Any]):
    token = PlainTextField(max_length=512, write_only=True)
    password = PasswordField()
    first_name = NameField(required=False, max_length=100, help_text="Written where the account has none.")
    last_name = NameField(required=False, max_length=100, help_text="Written where the account has none.")
