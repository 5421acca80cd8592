"""Sign-ins of which the password is proven and the second factor is still to come: a token for one purpose."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken

from apps.accounts.errors import TokenExpired, TokenInvalid
from apps.accounts.models import RefreshToken, User
from apps.accounts.services.access_tokens import ALGORITHM
from medivoy.core import clock
from medivoy.core.ids import uuid7

KIND = "second_step"
LIFETIME = timedelta(minutes=5)


class Door(StrEnum):
    """Where the sign-in was begun; at the other door its token is none."""

    API = "api"
    CONSOLE = "console"


# An audience of its own each, which no access token has.
SIGNERS = {door: TokenBackend(ALGORITHM, settings.TOKEN_KEY, audience=f"medivoy-{KIND}-{door}") for door in Door}


@dataclass(frozen=True, slots=True)
class HalfSignIn:
    """A proven password: whose, and the sign-in that it may become, once."""

    user: User
    sid: uuid.UUID


def begin_half(user: User, *, door: Door) -> str:
    """Return a token that says, for LIFETIME, that `user` has given the password at `door`."""
    claims = {
        "sub": str(user.pk),
        "sid": str(uuid7()),
        "token_type": KIND,
        "bound": _binding(user),
        "exp": int((clock.now() + LIFETIME).timestamp()),
    }
    return SIGNERS[door].encode(claims)


def read_half(token: str, *, door: Door) -> HalfSignIn:
    """Return what a token of `begin_half` says.

    Raises TokenExpired, and TokenInvalid where it is none, was used, or where its user has since got another password,
    signed out everywhere or been deactivated. Whether that still holds is asked again under the lock.
    """
    try:
        claims = SIGNERS[door].decode(token)  # type: ignore[arg-type]
    except TokenBackendExpiredToken as error:
        raise TokenExpired from error
    except TokenBackendError as error:
        raise TokenInvalid from error
    if claims.get("token_type") != KIND or "exp" not in claims:
        raise TokenInvalid
    sid, pk = uuid.UUID(claims["sid"]), uuid.UUID(claims["sub"])
    user = User.objects.active().filter(pk=pk).first()
    if user is None or not constant_time_compare(_binding(user), claims["bound"]) or _is_used(sid):
        raise TokenInvalid
    return HalfSignIn(user, sid)


def lock_half(half: HalfSignIn) -> User:
    """Return the user of a half sign-in, locked. Raises TokenInvalid where it was used or undone since it was read."""
    user = User.objects.active().locked().filter(pk=half.user.pk).first()
    if user is None or _binding(user) != _binding(half.user) or _is_used(half.sid):
        raise TokenInvalid
    return user


def _binding(user: User) -> str:
    """What the token dies with: the password, and the last time that everything was signed out."""
    return salted_hmac("apps.accounts.half_sign_in", user.get_session_auth_hash(), algorithm="sha256").hexdigest()


def _is_used(sid: uuid.UUID) -> bool:
    return RefreshToken.objects.of_sign_in(sid).exists()
