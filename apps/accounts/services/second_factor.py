"""The second factor of an account: set up, confirmed, taken away.

Whatever changes how somebody signs in ends all their other sign-ins, at both doors, and is told to them.
"""

import uuid
from dataclasses import dataclass

import pyotp
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import InvalidCode, SecondFactorIsSetUp, SecondFactorNotSetUp, SecondFactorRequired
from apps.accounts.models import Totp, User
from apps.accounts.services.audit import record
from apps.accounts.services.second_factor_codes import (
    ISSUER,
    authenticator,
    is_time_code,
    replace_recovery_codes,
    take_code,
    take_time_code,
)
from apps.accounts.services.sessions import end_all_sessions
from apps.notifications.services.outbox import notify
from medivoy.core import clock
from medivoy.core.errors import InvalidInput, Refused


class ResetReason(models.TextChoices):
    """Why an admin takes a second factor away: kept in the audit trail, where no free text goes."""

    DEVICE_LOST = "device_lost", _("The authenticator is lost or broken")
    DEVICE_REPLACED = "device_replaced", _("It moved to a new phone without its secret")
    MISUSE_SUSPECTED = "misuse_suspected", _("Somebody else may hold it")


@dataclass(frozen=True, slots=True)
class Setup:
    """A new secret in clear, for this one answer, and the address by which an authenticator takes it over."""

    secret: str
    uri: str


@transaction.atomic
def begin_setup(user: User) -> Setup:
    """Share a new secret with `user`, who has just given the password again; any unconfirmed one is forgotten.

    Raises SecondFactorIsSetUp where one is confirmed.
    """
    user = User.objects.locked().get(pk=user.pk)
    if user.has_second_factor:
        raise SecondFactorIsSetUp
    secret = pyotp.random_base32()
    Totp.objects.update_or_create(user=user, defaults={"secret": secret, "confirmed_at": None, "last_step": 0})
    return Setup(secret, authenticator(secret).provisioning_uri(name=user.email, issuer_name=ISSUER))


@transaction.atomic
def confirm_setup(user: User, *, code: str, sign_in: uuid.UUID | None = None) -> list[str]:
    """Turn the second factor on with the first code of the authenticator; return the recovery codes in clear.

    `sign_in`, the API's sign-in in which this is asked, has given a second factor from here on and goes on; every
    other one ends, as does every session of the console. Raises SecondFactorNotSetUp, SecondFactorIsSetUp, and
    InvalidInput (`invalid_code`).
    """
    user = User.objects.locked().get(pk=user.pk)
    totp = Totp.objects.filter(user=user).first()
    if totp is None:
        raise SecondFactorNotSetUp
    if totp.confirmed_at is not None:
        raise SecondFactorIsSetUp
    if not (is_time_code(code) and take_time_code(totp, code)):
        raise InvalidCode
    totp.confirmed_at = clock.now()
    totp.save(update_fields=["confirmed_at"])
    _end_other_sign_ins(user, kept=sign_in, second_factor=True)
    notify("second_factor_on", to={"user": [user]})
    return replace_recovery_codes(user)


@transaction.atomic
def renew_recovery_codes(user: User, *, code: str) -> list[str]:
    """Return new recovery codes in clear; the old ones stop working. The caller has proven the password.

    Raises SecondFactorNotSetUp, and InvalidInput (`invalid_code`).
    """
    user = _lock_with_second_factor(user)
    if not take_code(user, code):
        raise InvalidCode
    return replace_recovery_codes(user)


@transaction.atomic
def remove_second_factor(user: User, *, code: str, sign_in: uuid.UUID | None = None) -> None:
    """Turn the second factor off, with a code of it. The caller has proven the password; `sign_in` goes on without.

    Raises SecondFactorRequired where the role must have one, SecondFactorNotSetUp, and InvalidInput (`invalid_code`).
    """
    if user.must_give_second_factor:
        raise SecondFactorRequired
    user = _lock_with_second_factor(user)
    if not take_code(user, code):
        raise InvalidCode
    _forget(user)
    _end_other_sign_ins(user, kept=sign_in, second_factor=False)
    notify("second_factor_off", to={"user": [user]})


@transaction.atomic
def reset_second_factor(user: User, *, actor: User, reason: str) -> None:
    """Take the second factor away from somebody who has lost it, end all their sign-ins and tell them.

    Raises Refused where `actor` may not, or is the one whom it protects; InvalidInput for what is no ResetReason;
    SecondFactorNotSetUp.
    """
    if not actor.may("second_factor.reset") or actor.pk == user.pk:
        raise Refused
    if reason not in ResetReason.values:
        raise InvalidInput({"reason": [_("Choose one of the reasons.")]})
    user = _lock_with_second_factor(user)
    record("reset", actor=actor, entity="second_factor", entity_id=user.totp.pk, subject=user.pk, fields=[reason])
    _forget(user)
    end_all_sessions(user)
    notify("second_factor_off", to={"user": [user]})


def _lock_with_second_factor(user: User) -> User:
    locked = User.objects.locked().get(pk=user.pk)
    if not locked.has_second_factor:
        raise SecondFactorNotSetUp
    return locked


def _forget(user: User) -> None:
    Totp.objects.filter(user=user).delete()
    user.recovery_codes.all().delete()


def _end_other_sign_ins(user: User, *, kept: uuid.UUID | None, second_factor: bool) -> None:
    """End every sign-in of `user` but `kept`, and note of that one whether it has given a second factor."""
    end_all_sessions(user, but=kept)
    if kept is not None:
        user.refresh_tokens.of_sign_in(kept).update(second_factor=second_factor, is_copied=False)
