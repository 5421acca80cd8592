"""Moving an account to another e-mail address: by a link that is sent there, while the old one is told (T13)."""

from copy import copy

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import AlreadyRegistered, UselessLink
from apps.accounts.models import EmailChange, User
from apps.accounts.models.user import normalize_email
from apps.accounts.services.email_verification import verify_email
from apps.accounts.services.mailed_secrets import address_of, is_flooded, keep_secret, void_mailed_links
from apps.accounts.services.registration import is_taken, save_unless_taken
from apps.notifications.services.outbox import notify
from medivoy.core.context import writing
from medivoy.core.errors import InvalidInput


@transaction.atomic
def request_email_change(user: User, *, email: str) -> None:
    """Mail a link to `email` that moves the account of `user` there, and tell the present address at once.

    The caller has proven the password. To an address that has an owner no link is sent; all else is the same, so that
    nobody learns which have one (T10). The link replaces the one before; beyond MAILS_AN_HOUR of the user's, or to
    this address whoever asks, nothing is sent (T66). Raises InvalidInput for one's own address.
    """
    email = normalize_email(email)
    user = User.objects.locked().get(pk=user.pk)
    if email == user.email:
        raise InvalidInput({"email": [_("This is your address already.")]})
    if is_flooded(EmailChange, user, email=email):
        return
    user.emailchanges.discard()
    secret = keep_secret(EmailChange, user, email=email, lifetime=settings.EMAIL_CHANGE_LIFETIME)
    notify("email_change_requested", to={"user": [user]})
    if not is_taken(email=email, phone=None):
        link = f"{address_of('verify-email', user=user)}?token={secret}"
        notify("email_change", to={"user": [_at(user, email)]}, link=link, secret=True)


def prove_address(secret: str) -> User:
    """Do what a link says that was sent to an address: prove it, or move its user there. Raises UselessLink."""
    change = EmailChange.objects.usable().with_secret(secret).select_related("user").first()
    return verify_email(secret) if change is None else move_to_address(change)


def move_to_address(change: EmailChange) -> User:
    """Give the user the address that the link of `change` was sent to, which is thereby proven, and return the user.

    The old address is told, and every other link that was mailed is void. Raises UselessLink, also where somebody else
    has taken the address since.
    """
    with writing(change.user):
        user = User.objects.active().locked().filter(pk=change.user_id).first()
        if user is None or not EmailChange.objects.use(change.pk):
            raise UselessLink
        notify("email_changed", to={"user": [user]})
        user.email, user.is_verified = change.email, True
        try:
            save_unless_taken(user, update_fields=["email", "is_verified"])
        except AlreadyRegistered as error:
            raise UselessLink from error
        void_mailed_links(user)
    return user


def _at(user: User, email: str) -> User:
    """Return the same person as they are written to at `email`."""
    reader = copy(user)
    reader.email = email
    return reader
