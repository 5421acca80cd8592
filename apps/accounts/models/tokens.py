"""Secrets that we gave out, kept only as digests: a copy of the database signs nobody in."""

import hashlib
import secrets
from typing import Self

from django.conf import settings
from django.db import models

from medivoy.core import clock
from medivoy.core.ids import uuid7
from medivoy.core.models import Entry


def new_secret() -> str:
    """Return 256 random bits, to be sent out once."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return what is kept of a secret. A plain SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ExpiringQuerySet(models.QuerySet["models.Model"]):
    def live(self) -> Self:
        return self.filter(expires_at__gt=clock.now())


class RefreshToken(Entry):
    """One link of a sign-in's chain of refresh tokens; `family` is the sign-in (the `sid` of its access tokens)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="refresh_tokens")
    token = models.CharField(max_length=64, unique=True)
    family = models.UUIDField(default=uuid7, db_index=True)
    expires_at = models.DateTimeField()
    is_revoked = models.BooleanField(default=False)
    rotated_at = models.DateTimeField(null=True, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=255, blank=True)

    objects = ExpiringQuerySet.as_manager()

    class Meta:
        db_table = "refresh_tokens"

    def __str__(self) -> str:
        return f"sign-in {self.family}"


class PasswordReset(Entry):
    """A request for a new password: single use, thirty minutes, the newest only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="password_resets")
    token = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    is_used = models.BooleanField(default=False)

    objects = ExpiringQuerySet.as_manager()

    class Meta:
        db_table = "password_resets"

    def __str__(self) -> str:
        return f"reset {self.pk}"


class EmailVerification(Entry):
    """A link that proves an address: single use, bound to the address that it was sent to."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="email_verifications")
    email = models.EmailField(max_length=255)
    token = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    is_used = models.BooleanField(default=False)

    objects = ExpiringQuerySet.as_manager()

    class Meta:
        db_table = "email_verifications"

    def __str__(self) -> str:
        return f"verification {self.pk}"
