"""The second factor of a sign-in: a time-based code, or one of the recovery codes that replace it."""

from django.conf import settings
from django.db import models

from apps.accounts.models.tokens import digest
from medivoy.core.audit import audited
from medivoy.core.crypto import EncryptedTextField
from medivoy.core.models import Entry, Record


class Totp(Record):
    """The secret that a user's authenticator shares with us, encrypted at rest (RFC 6238).

    `last_step` is the time step of the last code that was taken: no code up to it is taken again.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="totp")
    secret = EncryptedTextField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0)

    class Meta(Record.Meta):
        db_table = "totps"
        triggers = [*Record.Meta.triggers, audited("second_factor", untold=["last_step"])]

    def __str__(self) -> str:
        return f"second factor {self.pk}"


class RecoveryCodeQuerySet(models.QuerySet["RecoveryCode"]):
    def use(self, code: str) -> bool:
        """Spend `code` of these and return whether this caller was the one who did: one statement, one winner."""
        return self.filter(code=digest(code), is_used=False).update(is_used=True) == 1


class RecoveryCode(Entry):
    """A code that opens once where the authenticator is lost; kept as a digest, so of 128 random bits or more."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes")
    code = models.CharField(max_length=64)
    is_used = models.BooleanField(default=False)

    objects = RecoveryCodeQuerySet.as_manager()

    class Meta:
        db_table = "recovery_codes"
        triggers = [audited("recovery_code", hidden=["code"])]
        constraints = [models.UniqueConstraint(fields=["user", "code"], name="recovery_code_once_a_user")]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"
