"""Sign-ins that last: a chain of opaque refresh tokens a device, each link exchanged once for the next.

Every function that opens, renews or ends a sign-in locks the user's row first. So a renewal and a revocation of the
same person stand in line, and no fresh link outlives the revocation that it ran beside.
"""

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from apps.accounts.errors import TokenExpired, TokenInvalid, TokenReused
from apps.accounts.models import RefreshToken, User
from apps.accounts.models.tokens import digest, new_secret
from apps.accounts.services.access_tokens import issue_access_token
from medivoy.core import clock
from medivoy.core.context import writing
from medivoy.core.ids import uuid7


@dataclass(frozen=True, slots=True)
class Device:
    """From where somebody signs in: the address as our proxies saw it, and what the client calls itself."""

    ip: str | None = None
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A live sign-in: both tokens in clear, for this one answer."""

    user: User
    access_token: str
    refresh_token: str


def open_session(user: User, *, device: Device) -> SignIn:
    """Begin a sign-in of `user`, whom the caller has proven and whose row it holds locked or has just made."""
    return _add_link(user, family=uuid7(), device=device)


def renew_session(refresh_token: str, *, device: Device) -> SignIn:
    """Exchange a refresh token for the next pair.

    Of any number of callers with the same token one wins; the rest, and whoever comes with it later, raise
    TokenReused and end the whole sign-in (the winner's too: one of them has stolen it). Raises TokenExpired and
    TokenInvalid otherwise. The revocation outlasts the refusal, so the transaction begins and is committed here.
    """
    link = RefreshToken.objects.select_related("user").filter(token=digest(refresh_token)).first()
    if link is None:
        raise TokenInvalid
    with writing(link.user):
        user = User.objects.active().locked().filter(pk=link.user_id).first()
        if user is None:
            raise TokenInvalid
        if RefreshToken.objects.claim(link.pk):
            return _add_link(user, family=link.family, device=device)
        refusal = _end_reused(link)
    raise refusal


@transaction.atomic
def end_session(user: User, *, family: uuid.UUID) -> None:
    """End one sign-in of `user`: its access tokens die with it, at once."""
    locked = User.objects.locked().get(pk=user.pk)
    locked.refresh_tokens.of_sign_in(family).revoke()


@transaction.atomic
def end_all_sessions(user: User) -> None:
    """End every sign-in of `user`, on whatever device, and every session in the console."""
    locked = User.objects.locked().get(pk=user.pk)
    locked.signed_out_at = clock.now()
    locked.save(update_fields=["signed_out_at"])
    locked.refresh_tokens.revoke()


def _add_link(user: User, *, family: uuid.UUID, device: Device) -> SignIn:
    secret = new_secret()
    RefreshToken.objects.create(
        user=user,
        token=digest(secret),
        family=family,
        expires_at=clock.now() + settings.REFRESH_TOKEN_LIFETIME,
        ip=device.ip,
        user_agent=device.user_agent[:255],
    )
    return SignIn(user, issue_access_token(user, family=family), secret)


def _end_reused(link: RefreshToken) -> TokenInvalid | TokenExpired | TokenReused:
    """Say why `link` could not be claimed, and end its sign-in where somebody had exchanged it before."""
    link.refresh_from_db(fields=["rotated_at", "is_revoked"])
    if link.rotated_at is not None:
        RefreshToken.objects.of_sign_in(link.family).revoke()
        return TokenReused()
    return TokenInvalid() if link.is_revoked else TokenExpired()
