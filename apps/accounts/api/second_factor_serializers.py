"""What comes in by the routes of the second factor, and what goes out. Shape only."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from apps.accounts.api.fields import PasswordField
from apps.accounts.api.serializers import SignedIn
from medivoy.api.fields import PlainTextField

LONGEST_CODE = 64
LONGEST_TOKEN = 1024


class CodeField(PlainTextField):
    """Six digits of an authenticator or, where it says so, a recovery code: blanks and dashes do not matter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_CODE, write_only=True, **kwargs)


class PasswordOnceMore(serializers.Serializer[Any]):
    current_password = PasswordField()


class Code(serializers.Serializer[Any]):
    code = CodeField(help_text="The six digits that the authenticator shows.")


class PasswordAndCode(PasswordOnceMore):
    code = CodeField(help_text="The six digits that the authenticator shows, or a recovery code.")


class SecondStepIn(serializers.Serializer[Any]):
    mfa_token = PlainTextField(max_length=LONGEST_TOKEN, write_only=True)
    code = CodeField(help_text="The six digits that the authenticator shows, or a recovery code.")


class SecondStepOut(serializers.Serializer[Any]):
    """The password is right; nobody is signed in yet."""

    mfa_required = serializers.BooleanField(help_text="Always true.")
    mfa_token = serializers.CharField(help_text="For POST /auth/login/mfa: good for five minutes and one sign-in.")


LoginAnswer = PolymorphicProxySerializer(
    component_name="LoginAnswer", serializers=[SignedIn, SecondStepOut], resource_type_field_name=None
)


class SetupOut(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="In base32, to be typed into an authenticator; shown this once.")
    uri = serializers.CharField(help_text="otpauth://, the same for an authenticator on this device.")
    qr_svg = serializers.CharField(help_text="The same as a QR code: an SVG element.")


class RecoveryCodes(serializers.Serializer[Any]):
    recovery_codes = serializers.ListField(
        child=serializers.CharField(), help_text="Each opens once in place of the authenticator; shown this once."
    )
