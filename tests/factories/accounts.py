"""People with accounts. Their password is PASSWORD; their e-mail is proven unless a test says otherwise."""

from datetime import timedelta
from functools import cache
from typing import Any

import factory
import pyotp
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from apps.accounts.models import (
    AccountExport,
    EmailChange,
    EmailVerification,
    ExportState,
    Invitation,
    PasswordReset,
    RefreshToken,
    Totp,
    User,
)
from apps.accounts.models.tokens import digest
from apps.accounts.roles import Role
from apps.accounts.services.second_factor_codes import authenticator
from medivoy.core import clock

# What no password has as its hash.
UNUSABLE = make_password(None)
PASSWORD = "correct-horse-battery-7"


@cache
def hashed(password: str) -> str:
    """One hash for all: it is never the hash that a test is about."""
    return make_password(password)


class UserFactory(DjangoModelFactory):
    """A patient's account by default; `UserFactory(coordinator=True)` is another role's."""

    email = factory.Sequence(lambda n: f"person{n}@example.test")
    phone = factory.Sequence(lambda n: f"+1415555{n % 10000:04d}{n // 10000 or ''}")
    password = factory.LazyFunction(lambda: hashed(PASSWORD))
    user_type = Role.PATIENT
    first_name = factory.Sequence(lambda n: f"First{n}")
    last_name = "Person"
    is_verified = True

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        doctor = factory.Trait(user_type=Role.DOCTOR)
        hospital_admin = factory.Trait(user_type=Role.HOSPITAL_ADMIN)
        coordinator = factory.Trait(user_type=Role.COORDINATOR)
        translator = factory.Trait(user_type=Role.TRANSLATOR)
        admin = factory.Trait(user_type=Role.ADMIN)
        unverified = factory.Trait(is_verified=False)
        deactivated = factory.Trait(is_active=False)


class SecretFactory(DjangoModelFactory):
    """A secret that was given out; `secret` is what its owner holds."""

    class Meta:
        abstract = True

    class Params:
        secret = factory.Sequence(lambda n: f"secret-number-{n}")

    user = factory.SubFactory(UserFactory)
    token = factory.LazyAttribute(lambda row: digest(row.secret))
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(minutes=30))


class RefreshTokenFactory(SecretFactory):
    class Meta:
        model = RefreshToken


class PasswordResetFactory(SecretFactory):
    email = factory.SelfAttribute("user.email")

    class Meta:
        model = PasswordReset


class EmailVerificationFactory(SecretFactory):
    email = factory.SelfAttribute("user.email")

    class Meta:
        model = EmailVerification


class InvitationFactory(SecretFactory):
    """An invitation to an account that has no password yet."""

    user = factory.SubFactory(UserFactory, coordinator=True, unverified=True, password=UNUSABLE)
    invited_by = factory.SubFactory(UserFactory, admin=True)
    email = factory.SelfAttribute("user.email")

    class Meta:
        model = Invitation


class EmailChangeFactory(SecretFactory):
    """A link to another address of theirs."""

    email = factory.Sequence(lambda n: f"moved{n}@example.test")

    class Meta:
        model = EmailChange


class AccountExportFactory(DjangoModelFactory):
    """A copy of somebody's data that lies ready."""

    user = factory.SubFactory(UserFactory)
    state = ExportState.READY
    file = factory.LazyFunction(lambda: ContentFile(b"PK", name="copy.zip"))
    made_at = factory.LazyFunction(clock.now)
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(hours=24))

    class Meta:
        model = AccountExport


class TotpFactory(DjangoModelFactory):
    """A second factor that is on."""

    user = factory.SubFactory(UserFactory)
    secret = factory.LazyFunction(pyotp.random_base32)
    confirmed_at = factory.LazyFunction(clock.now)

    class Meta:
        model = Totp


def code_of(user: Any, *, steps: int = 0) -> str:
    """Return what the user's authenticator shows, or showed and will show so many steps of 30 seconds from now."""
    shared = authenticator(Totp.objects.get(user=user).secret)
    return shared.generate_otp(shared.timecode(clock.now()) + steps)


def wrong_code(user: Any) -> str:
    """Return six digits that no step near to now has."""
    near = {code_of(user, steps=steps) for steps in range(-3, 4)}
    return next(code for number in range(10) if (code := f"{number:06d}") not in near)


def people() -> dict[str, Any]:
    """Return one user of each role, by role."""
    return {role.value: UserFactory(user_type=role) for role in Role}
