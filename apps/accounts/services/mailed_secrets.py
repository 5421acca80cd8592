"""Links that let their reader do one thing once: made, mailed and taken back here, whatever the thing is."""

from datetime import timedelta

from django.conf import settings

from apps.accounts.errors import UselessLink
from apps.accounts.models import User
from apps.accounts.models.tokens import MailedSecret, digest, new_secret
from apps.notifications.services.outbox import notify
from medivoy.core import clock

MAILS_AN_HOUR = 5

Kind = type[MailedSecret]


def is_flooded(kind: Kind, user: User) -> bool:
    """Whether the address has had all the mails of this kind that it gets in an hour (T66)."""
    return kind.objects.filter(user=user, email=user.email).of_the_last_hour().count() >= MAILS_AN_HOUR


def mail_secret(kind: Kind, user: User, *, event: str, page: str, lifetime: timedelta) -> None:
    """Mail `user` a link to the app's `page`, good for `lifetime`. The caller holds the user's row locked.

    The token is kept as a digest; in the outbox it is encrypted, and wiped once it is sent. The address of the app
    comes from the settings, never from a request (T9).
    """
    secret = new_secret()
    kind.objects.create(user=user, email=user.email, token=digest(secret), expires_at=clock.now() + lifetime)
    notify(event, to={"user": [user]}, link=f"{settings.APP_URL}/{page}?token={secret}", secret=True)


def find_secret(kind: Kind, secret: str) -> MailedSecret:
    """Return the row of a link that can be used, its user beside it. Raises UselessLink."""
    found: MailedSecret | None = kind.objects.usable().with_secret(secret).select_related("user").first()
    if found is None:
        raise UselessLink
    return found


def spend_secret(found: MailedSecret) -> User:
    """Use up a link and return its user, active and locked; of many at once one gets it, the rest raise UselessLink.

    So does whoever has moved to another address since: a link proves the one that it was sent to.
    """
    user: User | None = User.objects.active().locked().filter(pk=found.user_id, email=found.email).first()
    if user is None or not type(found).objects.use(found.pk):
        raise UselessLink
    return user
