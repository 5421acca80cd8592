"""The seal of the audit trail: a number without gaps, and a hash that follows from the entry and from the one before.

Entries are written unsealed, so that no two writers ever wait for each other; one sealer at a time puts them in order.
The hash is SHA-256 over a JSON array, written without spaces and in UTF-8: the hash before, the number, the id, and
the columns in models.audit.HASHED.
"""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import AuditEntry
from apps.accounts.models.audit import HASHED

# What stands before the first entry.
BEGINNING = "0" * 64
BATCH = 1000
BUDGET = timedelta(seconds=30)
LINKED = ("id", *HASHED)

SEAL = """
UPDATE audit_entries e SET sequence = s.sequence, hash = s.hash
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS s(id, sequence, hash)
WHERE e.id = s.id
"""

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def link(previous: str, sequence: int, values: Sequence[Any]) -> str:
    """Return the hash of an entry.

    Args:
        previous: the hash of the entry before, or BEGINNING.
        values: the columns LINKED, as the database gives them.
    """
    identifier, happened_at, *others = values
    words = [previous, sequence, identifier, _instant(happened_at), *others]
    return sha256(encode(words).encode()).hexdigest()


def seal_entries(*, within: timedelta = BUDGET) -> int:
    """Seal what is not sealed yet, oldest first, until nothing is left or time is up; return how many entries.

    Of two callers at once one seals, the other returns at once. What a transaction has not committed yet, or holds
    locked, comes later and gets a later number: numbers say in which order entries were sealed, times when things
    happened.
    """
    deadline = time.monotonic() + within.total_seconds()
    count = last = 0
    while True:
        sealed = _seal_batch(last)
        count += len(sealed)
        if len(sealed) < BATCH or time.monotonic() > deadline:
            return count
        last = sealed[-1]


@transaction.atomic
def _seal_batch(last: int) -> list[int]:
    """Seal the next entries beyond the id `last`, which spares the index what was just sealed; return their ids."""
    if not _is_alone():
        return []
    waiting = AuditEntry.objects.unsealed().filter(pk__gt=last).select_for_update(no_key=True, skip_locked=True)
    rows = list(waiting.values_list(*LINKED)[:BATCH])
    sequence, previous = AuditEntry.objects.head() or (0, BEGINNING)
    ids, sequences, hashes = [], [], []
    for row in rows:
        sequence, previous = sequence + 1, link(previous, sequence + 1, row)
        ids.append(row[0])
        sequences.append(sequence)
        hashes.append(previous)
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(SEAL, [ids, sequences, hashes])
    return ids


def _is_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('audit_chain', 0))")
        return bool(cursor.fetchone()[0])


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
