"""Proving that an e-mail address is one's own, by a link that is sent to it."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import EmailVerification, User
from apps.accounts.models.tokens import digest, new_secret
from apps.notifications.services.outbox import notify
from medivoy.core import clock
from medivoy.core.errors import InvalidInput

MAILS_AN_HOUR = 5


@transaction.atomic
def send_verification(user: User) -> bool:
    """Mail `user` a link that proves their address; return whether one was sent.

    Nothing is sent to a proven address, nor more than MAILS_AN_HOUR (T66). Earlier links stay good: mails overtake
    each other.
    """
    user = User.objects.locked().get(pk=user.pk)
    sent = EmailVerification.objects.filter(user=user, email=user.email)
    if user.is_verified or sent.of_the_last_hour().count() >= MAILS_AN_HOUR:
        return False
    secret = new_secret()
    EmailVerification.objects.create(
        user=user,
        email=user.email,
        token=digest(secret),
        expires_at=clock.now() + settings.EMAIL_VERIFICATION_LIFETIME,
    )
    link = f"{settings.APP_URL}/verify-email?token={secret}"
    notify("email_verification", to={"user": [user]}, link=link, secret=True)
    return True


@transaction.atomic
def verify_email(secret: str) -> User:
    """Mark the address that `secret` was sent to as proven and return its user.

    Raises InvalidInput where the link is unknown, used, too old, or of an address that is no longer theirs.
    """
    proof = EmailVerification.objects.usable().with_secret(secret).first()
    if proof is None:
        raise _useless_link()
    user = User.objects.active().locked().filter(pk=proof.user_id, email=proof.email).first()
    if user is None or not EmailVerification.objects.use(proof.pk):
        raise _useless_link()
    user.is_verified = True
    user.save(update_fields=["is_verified"])
    EmailVerification.objects.filter(user=user, email=user.email).discard()
    return user


def _useless_link() -> InvalidInput:
    return InvalidInput({"token": [_("This link is not valid, or no longer.")]}, code="token_invalid")
