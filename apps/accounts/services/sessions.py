"""Sign-ins that last: a chain of opaque refresh tokens a device, each link exchanged once for the next.

Every function that opens, renews or ends a sign-in locks the user's row first. So a renewal and a revocation of the
same person stand in line, and no fresh link outlives the revocation that it ran beside.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from apps.accounts.errors import TokenExpired, TokenInvalid, TokenReused
from apps.accounts.models import RefreshToken, User
from apps.accounts.models.tokens import digest, new_secret
from apps.accounts.services.access_tokens import issue_access_token
from apps.accounts.services.audit import record
from medivoy.core import clock, jobs
from medivoy.core.context import current_actor, writing
from medivoy.core.ids import uuid7

# What the audit trail calls them; renewals are not told.
SIGN_IN, SIGN_OUT, TOKEN_REUSED = "sign_in", "sign_out", "token_reused"
# The task that copies sign-ins to MongoDB.
COPY = "accounts.copy_sign_ins"


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


@dataclass(frozen=True, slots=True)
class Facts:
    """What is handed on from link to link of a sign-in."""

    family: uuid.UUID
    signed_in_at: datetime
    second_factor: bool


def open_session(user: User, *, device: Device, second_factor: bool = False, family: uuid.UUID | None = None) -> SignIn:
    """Begin a sign-in of `user`, whom the caller has proven and whose row it holds locked or has just made.

    `second_factor`: whether one was given. `family`: the id that the sign-in is to have, else a new one.
    """
    facts = Facts(family=family or uuid7(), signed_in_at=clock.now(), second_factor=second_factor)
    record(SIGN_IN, actor=user, entity="user", entity_id=user.pk, fields=["second_factor"] if second_factor else [])
    return _add_link(user, facts, device=device)


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
        # What the sign-in may hand on is what it has under the lock: a second factor may have been taken away.
        link.refresh_from_db()
        if RefreshToken.objects.claim(link.pk):
            facts = Facts(family=link.family, signed_in_at=link.signed_in_at, second_factor=link.second_factor)
            return _add_link(user, facts, device=device)
        refusal = _end_reused(link)
    raise refusal


@transaction.atomic
def end_session(user: User, *, family: uuid.UUID) -> bool:
    """End one sign-in of `user`, whose access tokens die with it, at once; return whether it was one that lived."""
    locked = User.objects.locked().get(pk=user.pk)
    links = locked.refresh_tokens.of_sign_in(family)
    lived = links.live().exists()
    links.revoke()
    if lived:
        record(SIGN_OUT, actor=current_actor(), entity="user", entity_id=user.pk)
    _wake_copier()
    return lived


@transaction.atomic
def end_all_sessions(user: User, *, but: uuid.UUID | None = None) -> None:
    """End every sign-in of `user`, on whatever device, and every session in the console; not the sign-in `but`."""
    locked = User.objects.locked().get(pk=user.pk)
    locked.signed_out_at = clock.now()
    locked.save(update_fields=["signed_out_at"])
    ended = locked.refresh_tokens.exclude(family=but) if but else locked.refresh_tokens.all()
    ended.revoke()
    record(SIGN_OUT, actor=current_actor(), entity="user", entity_id=user.pk, fields=["everywhere"])
    _wake_copier()


def _add_link(user: User, facts: Facts, *, device: Device) -> SignIn:
    secret = new_secret()
    RefreshToken.objects.create(
        user=user,
        token=digest(secret),
        family=facts.family,
        signed_in_at=facts.signed_in_at,
        second_factor=facts.second_factor,
        expires_at=clock.now() + settings.REFRESH_TOKEN_LIFETIME,
        ip=device.ip,
        user_agent=device.user_agent[:255],
    )
    _wake_copier()
    return SignIn(user, issue_access_token(user, family=facts.family), secret)


def _end_reused(link: RefreshToken) -> TokenInvalid | TokenExpired | TokenReused:
    """Say why `link` could not be claimed, and end its sign-in where somebody had exchanged it before."""
    if link.rotated_at is not None:
        RefreshToken.objects.of_sign_in(link.family).revoke()
        record(TOKEN_REUSED, actor=None, entity="user", entity_id=link.user_id)
        _wake_copier()
        return TokenReused()
    return TokenInvalid() if link.is_revoked else TokenExpired()


def _wake_copier() -> None:
    jobs.after_commit(COPY)
