"""The audit trail as tests look at it: the entries of one person or one row, never all of them."""

import re
from collections.abc import Iterable
from typing import Any

from django.apps import apps

from apps.accounts.models import AuditEntry
from medivoy.core.audit import Audited


def told_of(actor: Any, **wanted: Any) -> list[tuple[Any, ...]]:
    """Return what an actor (a user, or a word such as "anonymous") did, oldest first: action, entity, id, subject."""
    word = str(getattr(actor, "pk", actor))
    rows = AuditEntry.objects.filter(actor=word, **wanted).order_by("pk")
    return [(row.action, row.entity_type, row.entity_id, row.subject_id) for row in rows]


def fields_of(actor: Any, **wanted: Any) -> list[list[str]]:
    """Return the fields of what an actor did, oldest first."""
    word = str(getattr(actor, "pk", actor))
    return [row.fields for row in AuditEntry.objects.filter(actor=word, **wanted).order_by("pk")]


AUDITED = {
    model._meta.db_table
    for model in apps.get_models()
    if any(isinstance(trigger, Audited) for trigger in getattr(model._meta, "triggers", ()))
}
WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"(\w+)"', re.IGNORECASE)
TOLD = "set_config('medivoy.actor'"


def unsigned_writes(queries: Iterable[dict[str, str]]) -> list[str]:
    """Return the statements on audited tables, of those that a test captured, that stood in no writing context.

    What a context told PostgreSQL lasts until the end of its transaction. In a test that is the end of the test, so
    that the trail itself does not show a later write in nobody's name; the savepoints do.
    """
    found, told = [], []
    for sql in (query["sql"] for query in queries):
        if sql.startswith("SAVEPOINT"):
            told.append(False)
        elif sql.startswith("RELEASE SAVEPOINT") and told:
            told.pop()
        elif TOLD in sql and told:
            told[-1] = True
        elif (write := WRITE.match(sql)) and write[1] in AUDITED and not any(told):
            found.append(sql[:200])
    return found
