"""Whether the audit trail is whole: every number there, every hash following, every value as it was, no end cut off.

It streams, so that the trail may be of any length, and stops at the first entry that is not as it was sealed. What
cannot be found is in docs/audit.md.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Func, TextField

from apps.accounts.models import AuditEntry
from apps.accounts.models.audit import CHANGES, ORIGIN, PARTS, AuditEntryQuerySet, Part
from apps.accounts.services.audit_chain import BEGINNING, LINKED, link
from apps.accounts.services.audit_erasure import ENTITY, ERASE, names_of
from apps.accounts.services.audit_heads import PLACES, Head, Place
from medivoy.core.mongo import Away

CHUNK = 2000
TEXTS = {
    f"{name}_text": Func(template=part.text.format(row=AuditEntry._meta.db_table), output_field=TextField())
    for name, part in PARTS.items()
}
COLUMNS = ["sequence", "hash", "salt", "changes_text", "origin_salt", "origin_text", "erased_at", *LINKED]
KEPT, BLANK, CHANGED = "kept", "blank", "changed"


class Fault(NamedTuple):
    """The first entry that is wrong: its number and id, as far as there are any, and what is wrong with it."""

    sequence: int | None
    id: int | None
    what: str


@dataclass(slots=True)
class Finding:
    """What a verification found. `heads` is how many exported heads agreed, by place; `notes` are no faults."""

    entries: int = 0
    unsealed: int = 0
    oldest_unsealed: datetime | None = None
    heads: dict[str, int] = field(default_factory=dict)
    copies: int | None = None
    notes: list[str] = field(default_factory=list)
    fault: Fault | None = None


class Row(NamedTuple):
    """An entry as the verification reads it."""

    sequence: int | None
    hash: str
    salt: str
    changes: str
    origin_salt: str
    origin: str
    erased_at: datetime | None
    linked: tuple[Any, ...]

    @property
    def id(self) -> int:
        return int(self.linked[0])

    @property
    def states(self) -> Iterator[tuple[str, str]]:
        """What became of either part of its values."""
        digest, origin_digest = self.linked[-2:]
        yield CHANGES, _state(PARTS[CHANGES], self.salt, self.changes, digest)
        yield ORIGIN, _state(PARTS[ORIGIN], self.origin_salt, self.origin, origin_digest)

    @property
    def blankings(self) -> list[str]:
        """What an entry of an erasure must tell of, if it is as it should be."""
        blank = [part for part, salt in ((CHANGES, self.salt), (ORIGIN, self.origin_salt)) if not salt]
        return [name for part in blank for name in names_of(part, [self.id])]


def _state(part: Part, salt: str, text: str, digest: str) -> str:
    """Weigh values here, as the triggers do there: who rules the database may have put another function there."""
    if salt:
        return KEPT if sha256(f"{salt} {text}".encode()).hexdigest() == digest else CHANGED
    return BLANK if text == part.blank else CHANGED


@transaction.atomic
def verify_trail() -> Finding:
    """Walk the trail from its beginning to its end, and past it over what is not sealed yet."""
    finding = Finding()
    # Before the trail is read: what is exported meanwhile is not in what is read.
    heads = [line for place in PLACES if (line := _heads_in(place, finding)) is not None]
    last, untold = _walk(_rows(AuditEntry.objects.sealed()), heads, finding)
    if finding.fault is None:
        finding.fault = _beyond_the_end(last, heads, finding) or untold
    finding.heads = {line.name: line.agreed for line in heads}
    if finding.fault is None:
        _look_at_unsealed(finding)
    return finding


class Heads:
    """The exported heads of one place, met one by one as the walk reaches them."""

    def __init__(self, name: str, heads: Iterator[Head]) -> None:
        self.name, self.agreed, self.is_away = name, 0, False
        self._heads = heads
        self._last_agreed = 0
        self.next = self._read()

    def differ_at(self, sequence: int, digest: str) -> str:
        """Return what is wrong between this entry and the heads exported of it, or nothing."""
        while self.next is not None and self.next.sequence <= sequence:
            if (self.next.sequence, self.next.hash) != (sequence, digest):
                return (
                    f"it is not what was exported to {self.name} at {self.next.exported_at.isoformat()} as entry"
                    f" {self.next.sequence}: the chain was computed anew, after entry {self._last_agreed}"
                )
            self._last_agreed, self.agreed = sequence, self.agreed + 1
            self.next = self._read()
        return ""

    def _read(self) -> Head | None:
        try:
            return next(self._heads, None)
        except Away:
            self.is_away = True
            return None


def _heads_in(place: Place, finding: Finding) -> Heads | None:
    try:
        newest = place.newest()
    except Away:
        finding.notes.append(f"{place.name} is away: its heads are not compared")
        return None
    return Heads(place.name, place.read(newest.sequence if newest else 0))


def _walk(rows: Iterator[Row], heads: Collection[Heads], finding: Finding) -> tuple[int, Fault | None]:
    """Check row after row; return the number of the last that is right, and the first blanking without an erasure.

    Such a one is the fault only where nothing is cut off behind: what told of it may have been there. So the walk goes
    on past it.
    """
    last, previous = 0, BEGINNING
    untold: Fault | None = None
    for chunk in _chunks(rows):
        told = _told_blankings(chunk)
        for row in chunk:
            what = _fault_in_chain(row, last + 1, previous) or _fault_in_values(row)
            what = what or next(filter(None, (line.differ_at(last + 1, row.hash) for line in heads)), "")
            if what:
                is_missing = row.sequence is not None and row.sequence > last + 1
                fault = Fault(last + 1, None, what) if is_missing else Fault(row.sequence, row.id, what)
                finding.fault = untold or fault
                return last, untold
            if untold is None and (what := _untold_blanking(row, told)):
                untold = Fault(row.sequence, row.id, what)
            last, previous = last + 1, row.hash
            finding.entries += 1
    return last, untold


def _fault_in_chain(row: Row, expected: int, previous: str) -> str:
    if row.sequence != expected:
        return f"entry {expected} is missing" if row.sequence and row.sequence > expected else "its number follows none"
    if row.hash != link(previous, expected, row.linked):
        return "its hash does not follow: it was changed, put in here or moved, or the one before was computed anew"
    return ""


def _fault_in_values(row: Row) -> str:
    for part, state in row.states:
        if state == CHANGED:
            return f"its values ({part}) were changed"
    if (row.erased_at is None) != all((row.salt, row.origin_salt)):
        return "it does not say rightly whether its values were erased"
    return ""


def _untold_blanking(row: Row, told: Collection[str]) -> str:
    untold = next((name for name in row.blankings if name not in told), "")
    return untold and f"its values ({untold.partition(':')[0]}) were blanked, and no erasure tells of it"


def _told_blankings(rows: Iterable[Row]) -> set[str]:
    """Return which blankings of these rows an entry of an erasure tells of."""
    blanked = [name for row in rows for name in row.blankings]
    if not blanked:
        return set()
    telling = AuditEntry.objects.filter(action=ERASE, entity_type=ENTITY, fields__overlap=blanked)
    return {name for fields in telling.values_list("fields", flat=True) for name in fields}


def _beyond_the_end(last: int, heads: Collection[Heads], finding: Finding) -> Fault | None:
    """Look for heads of entries that are not there."""
    for line in heads:
        if line.next is not None:
            what = f"the trail ends at {last}, and head {line.next.sequence} was exported to {line.name}"
            return Fault(last + 1, None, what)
    away = [line.name for line in heads if line.is_away]
    finding.notes += [f"{name} went away: not all of its heads are compared" for name in away]
    if last and len(heads) - len(away) == len(PLACES) and not any(line.agreed for line in heads):
        return Fault(last, None, "no exported head is left, in no place: what follows after it may be cut off")
    finding.notes += [f"no head in {line.name}" for line in heads if last and not line.agreed]
    return None


def _look_at_unsealed(finding: Finding) -> None:
    for chunk in _chunks(_rows(AuditEntry.objects.unsealed())):
        told = _told_blankings(chunk)
        for row in chunk:
            finding.unsealed += 1
            finding.oldest_unsealed = finding.oldest_unsealed or row.linked[1]
            if what := _fault_in_values(row) or _untold_blanking(row, told):
                finding.fault = Fault(None, row.id, f"{what} (not sealed yet)")
                return


def _rows(entries: AuditEntryQuerySet) -> Iterator[Row]:
    """Stream entries; in a transaction, or the database would gather them all first."""
    for sequence, digest, *values in entries.annotate(**TEXTS).values_list(*COLUMNS).iterator(CHUNK):
        salt, changes, origin_salt, origin, erased_at, *linked = values
        yield Row(sequence, digest, salt, changes, origin_salt, origin, erased_at, tuple(linked))


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
