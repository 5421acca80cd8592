"""What the audit trail is told by a call: reads, refusals, sign-ins. Changes of rows tell themselves, by triggers.

How the entries are sealed, copied and checked is in audit_chain.py and audit_copies.py beside this file.
"""

import logging
import uuid
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db import DatabaseError

from apps.accounts.models import AuditEntry
from medivoy.core import clock
from medivoy.core.context import actor_word, origin
from medivoy.core.errors import Unavailable

logger = logging.getLogger(__name__)


class Read(NamedTuple):
    """A row that was read, the user whose data it is, and words that say more, such as how it came to be read."""

    pk: uuid.UUID
    subject: uuid.UUID | None
    fields: Collection[str] = ()


def record(
    action: str,
    *,
    actor: Any,
    entity: str = "",
    entity_id: Any = "",
    subject: uuid.UUID | None = None,
    fields: Collection[str] = (),
) -> None:
    """Add one entry to the trail, in the caller's transaction or, where none is open, at once.

    Args:
        action: what was done, a plain verb: "sign_in", "refuse", "read".
        actor: the user who did it, or None for nobody signed in (in a request) and for the system (elsewhere).
        entity, entity_id: the row that it was done to, as the triggers call it: "booking" and its id.
        subject: the id of the user whose data it is.
        fields: names that say more, such as the code of a refusal. Never a value that somebody typed.
    """
    AuditEntry.objects.bulk_create([_entry(action, actor, entity, entity_id, subject, fields)])


def record_reads(entity: str, rows: Iterable[Read], *, actor: Any, action: str = "read") -> None:
    """Add an entry for each row that `actor` is about to be shown: one statement, however many rows.

    Raises Unavailable where it cannot be written: what nobody would know of, nobody is shown.
    """
    try:
        AuditEntry.objects.bulk_create([_entry(action, actor, entity, row.pk, row.subject, row.fields) for row in rows])
    except DatabaseError as error:
        logger.error("reads are not recorded, so nothing is shown", exc_info=error)
        raise Unavailable from error


def _entry(
    action: str, actor: Any, entity: str, entity_id: Any, subject: uuid.UUID | None, fields: Collection[str]
) -> AuditEntry:
    came = origin()
    return AuditEntry(
        happened_at=clock.now(),
        actor=actor_word(actor),
        action=action,
        entity_type=entity,
        entity_id=str(entity_id),
        subject_id=subject,
        fields=list(fields),
        request_id=came.request_id,
        ip=came.ip or None,
        user_agent=came.user_agent,
    )
