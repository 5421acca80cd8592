"""Links to files: good for five minutes, for one person, while the sign-in lives by which they asked (T52)."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.clinical.models import MedicalRecord
from medivoy.core import clock
from medivoy.core.errors import Refused

SALT = "clinical.record-link"


class LinkRefused(Refused):
    """The link is not ours, too old, or of a sign-in that has ended; which, is not said."""

    code = "link_invalid"
    message = _("This link is not valid, or no longer. Please ask for a new one.")


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    expires_at: datetime


def make_link(record: MedicalRecord, *, user: User, sid: uuid.UUID) -> Link:
    """Return an address at which `user` gets the file for RECORD_LINK_LIFETIME, as long as the sign-in `sid` lives."""
    expires_at = (clock.now() + settings.RECORD_LINK_LIFETIME).replace(microsecond=0)
    claims = {
        "record": str(record.pk),
        "user": str(user.pk),
        "sid": str(sid),
        "until": int(expires_at.timestamp()),
    }
    token = signing.dumps(claims, salt=SALT)
    return Link(f"{settings.PUBLIC_URL}/api/v1/medical-records/{record.pk}/file?token={token}", expires_at)


def reader_of(token: str, *, record_id: uuid.UUID) -> User:
    """Return the person to whom the link to this record was given. Raises LinkRefused.

    That they may read the record at this moment is for the caller to ask: a consent may have ended meanwhile.
    """
    try:
        claims = signing.loads(token, salt=SALT)
        until = datetime.fromtimestamp(claims["until"], UTC)
        user_id, sid = uuid.UUID(claims["user"]), uuid.UUID(claims["sid"])
    except (signing.BadSignature, ValueError, TypeError, KeyError, OverflowError) as error:
        raise LinkRefused from error
    if claims["record"] != str(record_id) or clock.now() >= until:
        raise LinkRefused
    user: User | None = User.objects.signed_in(sid).filter(pk=user_id).first()
    if user is None:
        raise LinkRefused
    return user
