"""People with accounts. Their password is PASSWORD; their e-mail is proven unless a test says otherwise."""

from datetime import timedelta
from functools import cache
from typing import Any

import factory
from django.contrib.auth.hashers import make_password
from factory.django import DjangoModelFactory

from apps.accounts.models import EmailVerification, PasswordReset, RefreshToken, User
from apps.accounts.models.tokens import digest
from apps.accounts.roles import Role
from medivoy.core import clock

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


def people() -> dict[str, Any]:
    """Return one user of each role, by role."""
    return {role.value: UserFactory(user_type=role) for role in Role}
