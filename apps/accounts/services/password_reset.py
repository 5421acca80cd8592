"""A new password for somebody who has lost theirs, by a link that is sent to their address."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import PasswordReset, User
from apps.accounts.models.tokens import digest, new_secret
from apps.accounts.services.passwords import check_strength
from apps.accounts.services.sessions import end_all_sessions
from apps.notifications.services.outbox import notify
from medivoy.core import clock
from medivoy.core.context import writing
from medivoy.core.errors import InvalidInput

MAILS_AN_HOUR = 5


@transaction.atomic
def request_password_reset(email: str) -> None:
    """Mail the active user with this address, if there is one, a link to set a new password.

    The link is good for PASSWORD_RESET_LIFETIME and replaces the one before. At most MAILS_AN_HOUR are sent; beyond
    that the last one stays good, so that a stranger who asks on and on closes no way in (T9, T66).
    """
    user = User.objects.active().by_email(email).locked().first()
    if user is None or user.password_resets.of_the_last_hour().count() >= MAILS_AN_HOUR:
        return
    user.password_resets.discard()
    secret = new_secret()
    PasswordReset.objects.create(
        user=user, token=digest(secret), expires_at=clock.now() + settings.PASSWORD_RESET_LIFETIME
    )
    link = f"{settings.APP_URL}/reset-password?token={secret}"
    notify("password_reset", to={"user": [user]}, link=link, secret=True)


def reset_password(secret: str, *, password: str) -> User:
    """Set the password of the user to whom `secret` was sent and end all their sign-ins; return the user.

    Raises InvalidInput for a link that is unknown, used, replaced or too old, and for a weak password (the link then
    stays good). The hash is made before the transaction begins.
    """
    reset = PasswordReset.objects.usable().with_secret(secret).select_related("user").first()
    if reset is None:
        raise _useless_link()
    check_strength(password, user=reset.user)
    hashed = make_password(password)
    with writing(reset.user):
        user = User.objects.active().locked().filter(pk=reset.user_id).first()
        if user is None or not PasswordReset.objects.use(reset.pk):
            raise _useless_link()
        user.password = hashed
        user.save(update_fields=["password"])
        end_all_sessions(user)
        notify("password_changed", to={"user": [user]})
    return user


def _useless_link() -> InvalidInput:
    return InvalidInput({"token": [_("This link is not valid, or no longer.")]}, code="token_invalid")
