"""A new password for somebody who has lost theirs, by a link that is sent to their address."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from apps.accounts.models import PasswordReset, User
from apps.accounts.services.mailed_secrets import find_secret, is_flooded, mail_secret, spend_secret
from apps.accounts.services.passwords import check_strength, store_password
from medivoy.core.context import writing


@transaction.atomic
def request_password_reset(email: str) -> None:
    """Mail the active user with this address, if there is one, a link to set a new password.

    The link is good for PASSWORD_RESET_LIFETIME and replaces the one before. At most MAILS_AN_HOUR are sent; beyond
    that the last one stays good, so that a stranger who asks on and on closes no way in (T9, T66).
    """
    user = User.objects.active().by_email(email).locked().first()
    if user is None or is_flooded(PasswordReset, user):
        return
    user.passwordresets.discard()
    lifetime = settings.PASSWORD_RESET_LIFETIME
    mail_secret(PasswordReset, user, event="password_reset", page="reset-password", lifetime=lifetime)


def reset_password(secret: str, *, password: str) -> User:
    """Set the password of the user to whom `secret` was sent, end all their sign-ins, and return the user.

    Whoever has the link reads the mail of the address, so the address is proven, too. Raises UselessLink, and
    InvalidInput for a weak password (the link then stays good). The hash is made before the transaction begins.
    """
    reset = find_secret(PasswordReset, secret)
    check_strength(password, user=reset.user)
    hashed = make_password(password)
    with writing(reset.user):
        user = spend_secret(reset)
        user.is_verified = True
        user.save(update_fields=["is_verified"])
        store_password(user, hashed)
    return user
