"""Proving that an e-mail address is one's own, by a link that is sent to it."""

from django.conf import settings
from django.db import transaction

from apps.accounts.models import EmailVerification, User
from apps.accounts.services.mailed_secrets import find_secret, is_flooded, mail_secret, spend_secret
from medivoy.core.context import writing


@transaction.atomic
def send_verification(user: User) -> bool:
    """Mail `user` a link that proves their address; return whether one was sent.

    Nothing is sent to a proven address, nor more than MAILS_AN_HOUR. Earlier links stay good: mails overtake each
    other.
    """
    user = User.objects.locked().get(pk=user.pk)
    if user.is_verified or is_flooded(EmailVerification, user):
        return False
    lifetime = settings.EMAIL_VERIFICATION_LIFETIME
    mail_secret(EmailVerification, user, event="email_verification", page="verify-email", lifetime=lifetime)
    return True


def verify_email(secret: str) -> User:
    """Mark the address that `secret` was sent to as proven and return its user. Raises UselessLink."""
    found = find_secret(EmailVerification, secret)
    with writing(found.user):
        user = spend_secret(found)
        user.is_verified = True
        user.save(update_fields=["is_verified"])
        user.emailverifications.discard()
    return user
