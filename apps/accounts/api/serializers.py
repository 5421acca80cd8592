"""What comes in by the sign-in routes, and what goes out. Shape only."""

from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from rest_framework import serializers

from apps.accounts import roles
from apps.accounts.api.fields import EmailAddressField, NameField, PasswordField, PhoneField
from apps.accounts.api.profiles import Profile
from apps.accounts.models import User
from apps.accounts.roles import Role
from medivoy.api.fields import PlainTextField, TimezoneField

LONGEST_SECRET = 512


class SecretField(PlainTextField):
    """A token that we gave out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_SECRET, write_only=True, **kwargs)


class Registration(serializers.Serializer[Any]):
    email = EmailAddressField()
    password = PasswordField(help_text="10 characters or more, neither common nor like the rest of the form.")
    phone = PhoneField(required=False, allow_null=True)
    user_type = serializers.ChoiceField(choices=[c for c in Role.choices if c[0] in roles.SELF_REGISTERED])
    first_name = NameField(max_length=100)
    last_name = NameField(max_length=100)
    preferred_language = serializers.ChoiceField(
        choices=settings.LANGUAGES, default=get_language, help_text="Default: the language of the request."
    )
    timezone = TimezoneField(default="UTC")


class Credentials(serializers.Serializer[Any]):
    email = EmailAddressField()
    password = PasswordField()


class RefreshTokenIn(serializers.Serializer[Any]):
    refresh_token = SecretField()


class Logout(serializers.Serializer[Any]):
    all = serializers.BooleanField(default=False, help_text="End every sign-in, not only this one.")


class ForgottenPassword(serializers.Serializer[Any]):
    email = EmailAddressField()


class NewPassword(serializers.Serializer[Any]):
    token = SecretField()
    password = PasswordField()


class EmailProof(serializers.Serializer[Any]):
    token = SecretField()


class Tokens(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField(help_text="Good for one exchange; using it again ends the sign-in.")
    expires_in = serializers.SerializerMethodField(help_text="Seconds until the access token expires.")

    def get_expires_in(self, tokens: Any) -> int:
        return int(settings.ACCESS_TOKEN_LIFETIME.total_seconds())


class SignedIn(Tokens):
    user = Profile()


class Verification(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("email", "is_verified")
