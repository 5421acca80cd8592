"""A sign-in at work: whose it is, and when it was last seen."""

import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import DatabaseError, connection

from apps.accounts.errors import TokenInvalid
from apps.accounts.models import RefreshToken, User
from apps.accounts.services.access_tokens import AccessClaims
from medivoy.core import clock

logger = logging.getLogger(__name__)

NOTED_EVERY = timedelta(minutes=1)

# Of many requests at the same moment one writes; the rest, and any that meets a renewal, pass by and do not wait.
NOTE_SQL = """
UPDATE refresh_tokens SET last_activity_at = %(now)s, is_copied = false
WHERE id = (
  SELECT id FROM refresh_tokens WHERE id = %(id)s AND last_activity_at < %(before)s FOR NO KEY UPDATE SKIP LOCKED
)
"""


@dataclass(frozen=True, slots=True)
class LiveSignIn:
    """The sign-in by which somebody asks, and whether it has given a second factor."""

    sid: uuid.UUID
    second_factor: bool


def recognise(claims: AccessClaims) -> tuple[User, LiveSignIn]:
    """Return the active user of a living sign-in, found by one query. Raises TokenInvalid.

    At most once a minute a sign-in its last activity is noted, by one more.
    """
    link = (
        RefreshToken.objects.live()
        .of_sign_in(claims.sid)
        .filter(user=claims.user_id, user__is_active=True)
        .select_related("user")
        .first()
    )
    if link is None:
        raise TokenInvalid
    if link.last_activity_at < clock.now() - NOTED_EVERY:
        _note_activity(link)
    return link.user, LiveSignIn(link.family, link.second_factor)


def _note_activity(link: RefreshToken) -> None:
    """Note that the sign-in is at work; its own statement, before any transaction of the request begins. Where that
    cannot be written the request goes on."""
    now = clock.now()
    try:
        with connection.cursor() as cursor:
            cursor.execute(NOTE_SQL, {"now": now, "id": link.pk, "before": now - NOTED_EVERY})
    except DatabaseError as error:
        logger.warning("activity of a sign-in not noted: %s", type(error).__name__)
