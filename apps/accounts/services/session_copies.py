"""The copy of living sign-ins in MongoDB `sessions`, one document each, for whoever looks at them there.

PostgreSQL alone says who is signed in. What changed there is a row with `is_copied` false, so while MongoDB is away
nothing is lost: what waits is copied when it is back. No token is in the copy, in whatever form.
"""

import uuid
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import pymongo
from django.db import connection
from django.db.models import Q

from apps.accounts.models import RefreshToken
from apps.accounts.services.devices import device_label
from medivoy.core.context import writing
from medivoy.core.mongo import WORKER_SECONDS, collection

SESSIONS = "sessions"
BATCH = 200
FIRST = uuid.UUID(int=0)
# What may change in a link after it was made, and stands in the copy or decides whether there is one.
facts_of = attrgetter("is_revoked", "rotated_at", "expires_at", "last_activity_at", "second_factor")


def copy_sign_ins() -> int:
    """Bring the copy to what stands in PostgreSQL; return how many sign-ins were looked at.

    One caller copies at a time, the others return at once: of two at once the slower would put back what is no longer
    true. Call it outside a transaction. Raises core.mongo.Away.
    """
    count, last = 0, FIRST
    while True:
        with writing(None):
            families = _take(last)
            if families:
                _copy(families)
        if not families:
            return count
        count, last = count + len(families), families[-1]


def _take(last: uuid.UUID) -> list[uuid.UUID]:
    """Return the next sign-ins beyond `last` whose copy is not up to date; none where another caller is at work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('copy_sign_ins', 0))")
        (alone,) = cursor.fetchone()
    if not alone:
        return []
    waiting = RefreshToken.objects.filter(is_copied=False, family__gt=last)
    return list(waiting.order_by("family").values_list("family", flat=True).distinct()[:BATCH])


def _copy(families: Sequence[uuid.UUID]) -> None:
    """Write or remove the documents of `families`, and note that of the links that stayed what they were meanwhile."""
    newest, changed = Q(is_revoked=False, rotated_at=None), Q(is_copied=False)
    links = list(RefreshToken.objects.filter(newest | changed, family__in=families))
    documents = {str(link.family): _document(link) for link in links if link.is_live}
    writes: list[Any] = [pymongo.ReplaceOne({"_id": pk}, document, upsert=True) for pk, document in documents.items()]
    writes += [pymongo.DeleteOne({"_id": str(family)}) for family in families if str(family) not in documents]
    with collection(SESSIONS, within=WORKER_SECONDS) as sessions:
        sessions.create_index("expires_at", expireAfterSeconds=0)
        sessions.bulk_write(writes, ordered=False)
    _note_copied(links)


def _document(link: RefreshToken) -> dict[str, Any]:
    return {
        "_id": str(link.family),
        "user_id": str(link.user_id),
        "device": device_label(link.user_agent),
        "user_agent": link.user_agent,
        "ip": link.ip,
        "signed_in_at": link.signed_in_at,
        "last_activity": link.last_activity_at,
        "expires_at": link.expires_at,
    }


def _note_copied(links: Sequence[RefreshToken]) -> None:
    """What changed since it was read waits for the next round; so does what somebody is changing now."""
    read = {link.pk: facts_of(link) for link in links}
    now = RefreshToken.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=read)
    same = [link.pk for link in now if facts_of(link) == read[link.pk]]
    RefreshToken.objects.filter(pk__in=same).update(is_copied=True)
