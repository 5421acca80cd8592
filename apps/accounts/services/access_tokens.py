"""Access tokens: short, signed, and silent about rights. Role and activity are asked of the database each time."""

import uuid
from dataclasses import dataclass

from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken

from apps.accounts.errors import TokenExpired, TokenInvalid
from apps.accounts.models import User
from medivoy.core import clock

ALGORITHM = "HS256"
AUDIENCE = "medivoy-api"
KIND = "access"

SIGNER = TokenBackend(ALGORITHM, settings.TOKEN_KEY, audience=AUDIENCE)


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says: who, and by which sign-in (the `family` of its refresh tokens)."""

    user_id: uuid.UUID
    sid: uuid.UUID


def issue_access_token(user: User, *, family: uuid.UUID) -> str:
    """Return an access token of `user` for the sign-in `family`, good for ACCESS_TOKEN_LIFETIME."""
    expires_at = clock.now() + settings.ACCESS_TOKEN_LIFETIME
    claims = {"sub": str(user.pk), "sid": str(family), "token_type": KIND, "exp": int(expires_at.timestamp())}
    return SIGNER.encode(claims)


def read_access_token(token: str) -> AccessClaims:
    """Return what `token` says.

    Raises TokenExpired where its time is over, and TokenInvalid where signature, algorithm, audience or kind are not
    those of our access tokens (T8). Whether the sign-in still lives is for the database to say.
    """
    try:
        claims = SIGNER.decode(token)  # type: ignore[arg-type]
    except TokenBackendExpiredToken as error:
        raise TokenExpired from error
    except TokenBackendError as error:
        raise TokenInvalid from error
    if claims.get("token_type") != KIND or "exp" not in claims:
        raise TokenInvalid
    try:
        return AccessClaims(user_id=uuid.UUID(claims["sub"]), sid=uuid.UUID(claims["sid"]))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise TokenInvalid from error
