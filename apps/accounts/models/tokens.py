"""Secrets that we gave out, kept only as digests: a copy of the database signs nobody in."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models

from medivoy.core import clock
from medivoy.core.audit import audited
from medivoy.core.ids import uuid7
from medivoy.core.models import Entry


def new_secret() -> str:
    """Return 256 random bits, to be sent out once."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return what is kept of a secret. A plain SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


class RefreshTokenQuerySet(models.QuerySet["RefreshToken"]):
    def visible_to(self, user: Any) -> Self:
        """One's own sign-ins, and nobody else's."""
        return self.filter(user=user)

    def live(self) -> Self:
        """Links that can still be exchanged: one at most of each sign-in."""
        return self.filter(is_revoked=False, rotated_at=None, expires_at__gt=clock.now())

    def finished(self, before: datetime) -> Self:
        """Links that were over before then, of sign-ins that are over: no reuse of theirs can be noticed any more."""
        going_on = RefreshToken.objects.live().filter(family=models.OuterRef("family"))
        return self.filter(~models.Exists(going_on), expires_at__lt=before)

    def of_sign_in(self, family: uuid.UUID) -> Self:
        return self.filter(family=family)

    def claim(self, pk: uuid.UUID) -> bool:
        """Take the link out of use and return whether this caller was the one who did: one statement, one winner."""
        return self.live().filter(pk=pk).update(rotated_at=clock.now()) == 1

    def revoke(self) -> int:
        return self.filter(is_revoked=False).update(is_revoked=True, is_copied=False)


class RefreshToken(Entry):
    """One link of a sign-in's chain of refresh tokens; `family` is the sign-in (the `sid` of its access tokens)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="refresh_tokens")
    token = models.CharField(max_length=64, unique=True)
    family = models.UUIDField(default=uuid7, db_index=True)
    expires_at = models.DateTimeField()
    is_revoked = models.BooleanField(default=False)
    rotated_at = models.DateTimeField(null=True, blank=True)
    # Of the whole sign-in, handed on from link to link: when it began, when it was last seen at work (at most once a
    # minute), and whether a second factor was given.
    signed_in_at = models.DateTimeField(default=clock.now)
    last_activity_at = models.DateTimeField(default=clock.now)
    second_factor = models.BooleanField(default=False)
    # Whether the copy in MongoDB says what stands here.
    is_copied = models.BooleanField(default=False)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=255, blank=True)

    objects = RefreshTokenQuerySet.as_manager()

    class Meta:
        db_table = "refresh_tokens"
        constraints = [
            models.UniqueConstraint(
                fields=["family"],
                condition=models.Q(is_revoked=False, rotated_at=None),
                name="one_live_refresh_token_a_sign_in",
            ),
        ]
        indexes = [models.Index(fields=["family"], condition=models.Q(is_copied=False), name="sign_ins_to_copy")]

    def __str__(self) -> str:
        return f"sign-in {self.family}"

    @property
    def is_live(self) -> bool:
        """Whether it can still be exchanged, as `live()` asks."""
        return not self.is_revoked and self.rotated_at is None and self.expires_at > clock.now()


class SingleUseQuerySet(models.QuerySet[Any]):
    """Of secrets that work once: password resets and e-mail verifications."""

    def usable(self) -> Self:
        return self.filter(is_used=False, expires_at__gt=clock.now())

    def with_secret(self, secret: str) -> Self:
        return self.filter(token=digest(secret))

    def of_the_last_hour(self) -> Self:
        return self.filter(created_at__gt=clock.now() - timedelta(hours=1))

    def finished(self, before: datetime) -> Self:
        return self.filter(expires_at__lt=before)

    def use(self, pk: uuid.UUID) -> bool:
        """Spend the secret and return whether this caller was the one who did."""
        return self.usable().filter(pk=pk).update(is_used=True) == 1

    def discard(self) -> int:
        """Make every secret here useless."""
        return self.filter(is_used=False).update(is_used=True)


class MailedSecret(Entry):
    """A link that was mailed: works once, for a while, and for the address that it was sent to."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="%(class)ss")
    email = models.EmailField(max_length=255)
    token = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    is_used = models.BooleanField(default=False)

    objects = SingleUseQuerySet.as_manager()

    class Meta:
        abstract = True


class PasswordReset(MailedSecret):
    """A request for a new password; the newest only."""

    class Meta:
        db_table = "password_resets"
        triggers = [audited("password_reset", hidden=["token"])]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(is_used=False), name="one_open_password_reset_a_user"
            ),
        ]

    def __str__(self) -> str:
        return f"reset {self.pk}"


class EmailVerification(MailedSecret):
    """A link that proves an address."""

    class Meta:
        db_table = "email_verifications"
        triggers = [audited("email_verification", hidden=["token"])]

    def __str__(self) -> str:
        return f"verification {self.pk}"


class EmailChange(MailedSecret):
    """A link, sent to the address that somebody wants to move to; the newest only."""

    class Meta:
        db_table = "email_changes"
        triggers = [audited("email_change", hidden=["token"])]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(is_used=False), name="one_open_email_change_a_user"
            ),
        ]

    def __str__(self) -> str:
        return f"change {self.pk}"


class Invitation(MailedSecret):
    """A link by which somebody whose account was made for them sets their first password; the newest only."""

    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "invitations"
        triggers = [audited("invitation", hidden=["token"])]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(is_used=False), name="one_open_invitation_a_user"
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"
