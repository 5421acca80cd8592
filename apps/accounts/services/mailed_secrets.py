"""Links that let their reader do one thing once: made, mailed and taken back here, whatever the thing is."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.crypto import salted_hmac

from apps.accounts.errors import UselessLink
from apps.accounts.models import User
from apps.accounts.models.tokens import MailedSecret, digest, new_secret
from apps.notifications.services.outbox import notify
from medivoy.core import clock

MAILS_AN_HOUR = 5

Kind = type[MailedSecret]

# Pages that the console has too: who works there has no other front end.
PAGES_OF_CONSOLE = frozenset({"accept-invitation", "reset-password"})


def is_flooded(kind: Kind, user: User, *, email: str = "") -> bool:
    """Whether the user, or the address whoever asked for it, has had all the mails of this kind of an hour (T66)."""
    address = email or user.email
    theirs = Q(user=user) | Q(email__in=[address, disguised(address)])
    return kind.objects.filter(theirs).of_the_last_hour().count() >= MAILS_AN_HOUR


def disguised(address: str) -> str:
    """Return what stands for the address of somebody who was erased: enough to count by, and no address."""
    return salted_hmac("apps.accounts.mailed_secrets", address, algorithm="sha256").hexdigest()


def mail_secret(kind: Kind, user: User, *, event: str, page: str, lifetime: timedelta, **columns: Any) -> None:
    """Mail `user` a link to `page`, good for `lifetime`. The caller holds the user's row locked.

    The token is kept as a digest; in the outbox it is encrypted, and wiped once it is sent. The address of the app
    comes from the settings, never from a request (T9). `columns` are those that this kind has beside.
    """
    secret = keep_secret(kind, user, email=user.email, lifetime=lifetime, **columns)
    link = f"{address_of(page, user=user)}?token={secret}"
    notify(event, to={"user": [user]}, link=link, secret=True, context={"days": lifetime.days})


def keep_secret(kind: Kind, user: User, *, email: str, lifetime: timedelta, **columns: Any) -> str:
    """Make a secret of this kind for `email`, keep its digest, and return it in clear, to be mailed."""
    secret = new_secret()
    expires_at = clock.now() + lifetime
    kind.objects.create(user=user, email=email, token=digest(secret), expires_at=expires_at, **columns)
    return secret


def address_of(page: str, *, user: User) -> str:
    """Return where `page` is for this user: in the console for those who work there, else in the app."""
    if user.is_staff and page in PAGES_OF_CONSOLE:
        return f"{settings.PUBLIC_URL}/admin/{page}/"
    return f"{settings.APP_URL}/{page}"


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


def forget_mailed_links(user: User) -> None:
    """Delete every link that was ever mailed to `user`. Those of the last hour stay, void and under a disguise: whoever
    registers and erases with the address of somebody else, again and again, has them mailed no more for it (T66)."""
    for links in _links_of(user):
        recent = list(links.of_the_last_hour())
        links.exclude(pk__in=[link.pk for link in recent]).delete()
        for link in recent:
            link.email, link.is_used, link.expires_at = disguised(link.email), True, clock.now()
        links.bulk_update(recent, ["email", "is_used", "expires_at"])


def void_mailed_links(user: User) -> None:
    """Make every link that was ever mailed to `user` useless."""
    for links in _links_of(user):
        links.discard()


def _links_of(user: User) -> tuple[Any, ...]:
    return (user.invitations, user.passwordresets, user.emailverifications, user.emailchanges)
