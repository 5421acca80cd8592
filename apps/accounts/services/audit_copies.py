"""The copy of the audit trail in MongoDB `audit_logs`, a document an entry, for whoever looks things up.

What is copied already is asked of MongoDB itself: documents are added in the order of their numbers, so its highest
number says it, and no note of ours can differ from it. MongoDB away means that entries come later, each once. Where the
collection was dropped all of it is copied again.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pymongo
from django.db import connection, transaction

from apps.accounts.models import AuditEntry
from apps.accounts.services.audit_erasure import ENTITY, ERASE, ids_named
from medivoy.core.mongo import WORKER_SECONDS, Document, collection

AUDIT_LOGS = "audit_logs"
BATCH = 500
READ = 50
# For so many documents, once MongoDB has said that it is there.
BATCH_SECONDS = 5.0
BUDGET = timedelta(seconds=30)
# What is looked for, newest first. MongoDB's own key is the number, too, but the server of `make run` sorts keys as
# words, so `sequence` stands in each document once more.
INDEXES = (
    ["entity_type", "entity_id", "sequence"],
    ["actor", "sequence"],
    ["action", "sequence"],
    ["subject_id", "sequence"],
    ["happened_at"],
)
LARGEST = 2**63 - 1

COPIED = (
    "sequence",
    "id",
    "happened_at",
    "actor",
    "action",
    "entity_type",
    "entity_id",
    "subject_id",
    "fields",
    "request_id",
    "changes",
    "ip",
    "user_agent",
    "erased_at",
    "hash",
)


def copy_entries(*, within: timedelta = BUDGET) -> int:
    """Copy what is sealed and not in MongoDB yet, until nothing is left or time is up; return how many entries.

    Of two callers at once one copies, the other returns at once. Call it outside a transaction. Raises core.mongo.Away.
    """
    deadline = time.monotonic() + within.total_seconds()
    _make_indexes()
    count = 0
    while True:
        copied = _copy_batch()
        count += copied
        if not copied or time.monotonic() > deadline:
            return count


def newest_copied() -> int:
    """Return the highest number in MongoDB, 0 where there is none. Raises core.mongo.Away."""
    with collection(AUDIT_LOGS, within=WORKER_SECONDS) as logs:
        found = logs.find_one(sort=[("sequence", -1)])
    return found["sequence"] if found else 0


def document_of(entry: AuditEntry) -> Document:
    """Return the copy of an entry: ids are texts, times have milliseconds."""
    document = {name: _plain(getattr(entry, name)) for name in COPIED}
    return {"_id": entry.sequence, **document, "subject_id": entry.subject_id and str(entry.subject_id)}


def _make_indexes() -> None:
    with collection(AUDIT_LOGS, within=WORKER_SECONDS) as logs:
        logs.create_index("sequence", unique=True)
        for columns in INDEXES:
            logs.create_index([(column, pymongo.ASCENDING) for column in columns])


@transaction.atomic
def _copy_batch() -> int:
    if not _is_alone():
        return 0
    waiting = AuditEntry.objects.sealed().filter(sequence__gt=newest_copied())[:BATCH]
    # A few at a time: those of an erasure are long, and come one after the other.
    entries = _up_to_an_erasure(waiting.iterator(chunk_size=READ))
    writes = _writes(entries)
    while some := list(islice(writes, BATCH)):
        with collection(AUDIT_LOGS, within=BATCH_SECONDS) as logs:
            # In order, so that what breaks off leaves no gap.
            logs.bulk_write(some, ordered=True)
    return len(entries)


def _up_to_an_erasure(entries: Iterable[AuditEntry]) -> list[AuditEntry]:
    """Return the entries as far as the first of an erasure: it brings along a write for each entry that it names, and
    of many in one batch none would be copied before all are written."""
    batch = []
    for entry in entries:
        batch.append(entry)
        if _is_of_erasure(entry):
            break
    return batch


def _is_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('audit_copies', 0))")
        return bool(cursor.fetchone()[0])


def _writes(entries: Sequence[AuditEntry]) -> Iterator[Any]:
    """Return what brings the copy up to date. What an entry of an erasure names is blanked in the copy before that
    entry is there: the highest number cannot pass it by."""
    for entry in entries:
        if _is_of_erasure(entry):
            for blanked in AuditEntry.objects.filter(pk__in=ids_named(entry.fields), sequence__lt=entry.sequence):
                yield pymongo.ReplaceOne({"_id": blanked.sequence}, document_of(blanked))
        # Added, never replaced: whoever read an entry before it was blanked cannot put its values back.
        yield pymongo.InsertOne(document_of(entry))


def _is_of_erasure(entry: AuditEntry) -> bool:
    return (entry.action, entry.entity_type) == (ERASE, ENTITY)


def _plain(value: Any) -> Any:
    """Return a value as a document holds it, and gives it back."""
    if isinstance(value, datetime):
        return value.replace(microsecond=value.microsecond // 1000 * 1000)
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, int) and abs(value) > LARGEST:
        return str(value)
    return value
