"""Links to private files: good for a while, for one person, while the sign-in lives by which they asked (T52)."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from medivoy.core import clock
from medivoy.core.errors import Refused


class LinkRefused(Refused):
    """The link is not ours, too old, or of a sign-in that has ended; which, is not said."""

    code = "link_invalid"
    message = _("This link is not valid, or no longer. Please ask for a new one.")


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: the salt of its links, what they call the row, and where the API serves it (`{id}`)."""

    salt: str
    name: str
    path: str

    def make(self, pk: uuid.UUID, *, user: User, sid: uuid.UUID) -> Link:
        """Return where `user` gets the file, for RECORD_LINK_LIFETIME, while the sign-in `sid` lives."""
        expires_at = (clock.now() + settings.RECORD_LINK_LIFETIME).replace(microsecond=0)
        claims = {
            self.name: str(pk),
            "user": str(user.pk),
            "sid": str(sid),
            "until": int(expires_at.timestamp()),
        }
        token = signing.dumps(claims, salt=self.salt)
        return Link(f"{settings.PUBLIC_URL}/api/v1{self.path.format(id=pk)}?token={token}", expires_at)

    def holder_of(self, token: str, *, pk: uuid.UUID) -> User:
        """Return the person to whom the link to this file was given. Raises LinkRefused.

        That they may have the file at this moment is for the caller to ask.
        """
        try:
            claims = signing.loads(token, salt=self.salt)
            until = datetime.fromtimestamp(claims["until"], UTC)
            user_id, sid = uuid.UUID(claims["user"]), uuid.UUID(claims["sid"])
            is_another = claims[self.name] != str(pk)
        except (signing.BadSignature, ValueError, TypeError, KeyError, OverflowError) as error:
            raise LinkRefused from error
        if is_another or clock.now() >= until:
            raise LinkRefused
        user: User | None = User.objects.signed_in(sid).filter(pk=user_id).first()
        if user is None:
            raise LinkRefused
        return user
