"""Invitations: the link by which somebody whose account was made for them sets its first password."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from apps.accounts.errors import AccountErased, AccountInactive, AlreadyAccepted, TooManyMails, UselessLink
from apps.accounts.models import Invitation, User
from apps.accounts.services.mailed_secrets import find_secret, is_flooded, mail_secret, spend_secret
from apps.accounts.services.passwords import check_strength
from medivoy.core.context import writing
from medivoy.core.errors import Refused


@transaction.atomic
def invite(user: User, *, actor: User) -> None:
    """Mail `user` a link to set the first password, good for INVITATION_LIFETIME; it replaces the one before.

    Raises Refused where `actor` invites nobody; AccountErased and AccountInactive; AlreadyAccepted where there is a
    password; TooManyMails beyond what the address gets in an hour (the last link then stays good).
    """
    if not actor.may("user.invite"):
        raise Refused
    mail_invitation(User.objects.locked().get(pk=user.pk), invited_by=actor)


def mail_invitation(user: User, *, invited_by: User) -> None:
    """Mail the link to `user`, whose row the caller holds locked or has just made. Raises what `invite` raises."""
    _check_invitable(user)
    user.invitations.discard()
    lifetime = settings.INVITATION_LIFETIME
    mail_secret(
        Invitation, user, event="invitation", page="accept-invitation", lifetime=lifetime, invited_by=invited_by
    )


def accept_invitation(secret: str, *, password: str, first_name: str = "", last_name: str = "") -> User:
    """Set the first password of the user who was invited by `secret`, and return the user.

    Whoever has the link reads the mail of the address, so the address is proven, too. The names are written where the
    account has none. Raises UselessLink, and InvalidInput for a weak password (the link then stays good). The hash is
    made before the transaction begins.
    """
    invitation = find_secret(Invitation, secret)
    check_strength(password, user=_named(invitation.user, first_name, last_name))
    hashed = make_password(password)
    with writing(invitation.user):
        user = _named(spend_secret(invitation), first_name, last_name)
        if user.has_usable_password():
            # Set meanwhile by another link: an invitation replaces no password.
            raise UselessLink
        user.password, user.is_verified = hashed, True
        user.save(update_fields=["password", "is_verified", "first_name", "last_name"])
        user.passwordresets.discard()
    return user


def _named(user: User, first_name: str, last_name: str) -> User:
    user.first_name = user.first_name or first_name
    user.last_name = user.last_name or last_name
    return user


def _check_invitable(user: User) -> None:
    if user.erased_at:
        raise AccountErased
    if not user.is_active:
        raise AccountInactive
    if user.has_usable_password():
        raise AlreadyAccepted
    if is_flooded(Invitation, user):
        raise TooManyMails
