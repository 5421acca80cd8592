"""Looking things up in the audit trail, for `GET /audit-logs`.

The copy in MongoDB is asked first: it takes the work from PostgreSQL, and has what is sealed, so it is up to a minute
behind. Where it is away, late or not whole PostgreSQL is asked, which also has what no number was given yet.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, TypeVar

from django.db.models import Q
from django.db.models.functions import Now
from pymongo.collection import Collection

from apps.accounts.models import AuditEntry
from apps.accounts.models.audit import AuditEntryQuerySet
from apps.accounts.services.audit_copies import AUDIT_LOGS
from apps.accounts.services.audit_erasure import ENTITY, ERASE
from medivoy.core.mongo import Away, Document, collection

# An entry that is not sealed by then: the sealer runs each minute.
LATE = timedelta(minutes=3)
MONGODB, POSTGRESQL = "mongodb", "postgresql"

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for; what is not given does not matter.

    `actor` is a user's id or one of the words of models/audit.py; `start` and `end` are instants, the second excluded.
    """

    actor: str = ""
    entity_type: str = ""
    entity_id: str = ""
    action: str = ""
    start: datetime | None = None
    end: datetime | None = None

    @property
    def equals(self) -> dict[str, str]:
        """The columns that must be equal to a value."""
        wanted = {name: getattr(self, name) for name in ("actor", "entity_type", "entity_id", "action")}
        return {name: value for name, value in wanted.items() if value}

    @property
    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """When it happened, to the millisecond: the copy knows no less."""
        return _whole(self.start), _whole(self.end)


def _whole(moment: datetime | None) -> datetime | None:
    return moment and moment - timedelta(microseconds=moment.microsecond % 1000)


@dataclass(frozen=True, slots=True)
class TrailRow:
    """An entry as it is shown, wherever it was read. `id` is PostgreSQL's key, and `sequence` is there once sealed."""

    id: int
    sequence: int | None
    happened_at: datetime
    actor: str
    action: str
    entity_type: str
    entity_id: str
    subject_id: str | None
    fields: list[str]
    changes: dict[str, Any] | None
    ip: str | None
    user_agent: str
    request_id: str


COLUMNS = [field.name for field in fields(TrailRow)]


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on: after the row whose `column`, "sequence" or "id", has this value."""

    column: str
    value: int


class Trail(Protocol):
    """The entries that a wish finds, the newest first, in one of the two stores."""

    source: ClassVar[str]

    def cut(self, start: int, count: int) -> list[TrailRow]:
        """Return rows by their number from the top."""

    def beyond(self, place: Place, count: int) -> list[TrailRow]:
        """Return the rows that come after `place`."""

    def count(self, most: int | None) -> int:
        """Count the rows, and stop at `most`."""


class KeptTrail:
    """The trail itself, in PostgreSQL: in the order in which entries were added."""

    source: ClassVar[str] = POSTGRESQL

    def __init__(self, rows: AuditEntryQuerySet, wish: Wish) -> None:
        self.rows = rows.filter(**wish.equals).between(*wish.bounds)

    def cut(self, start: int, count: int) -> list[TrailRow]:
        return self._read(self.rows.order_by("-id")[start : start + count])

    def beyond(self, place: Place, count: int) -> list[TrailRow]:
        later = self.rows.filter(**{f"{place.column}__lt": place.value})
        return self._read(later.order_by(f"-{place.column}")[:count])

    def count(self, most: int | None) -> int:
        return self.rows.order_by().values("pk")[:most].count()

    @staticmethod
    def _read(rows: AuditEntryQuerySet) -> list[TrailRow]:
        return [_row_of(values) for values in rows.values(*COLUMNS)]


class CopiedTrail:
    """The copy in MongoDB: in the order of the seal."""

    source: ClassVar[str] = MONGODB

    def __init__(self, documents: Collection[Document], wish: Wish) -> None:
        self.documents = documents
        # Values that were compared with tables and patterns, each by equality: no operator comes in from outside (T56).
        self.query: Document = {name: {"$eq": value} for name, value in wish.equals.items()}
        bounds = zip(("$gte", "$lt"), wish.bounds, strict=True)
        period = {operator: moment for operator, moment in bounds if moment is not None}
        if period:
            self.query["happened_at"] = period

    def is_whole(self, newest: int) -> bool:
        """Whether it has as many documents as there are entries up to the sequence `newest`: numbers have no gaps. With
        more, somebody else has put some in, or it was copied to just now: it is not asked this once."""
        return self.documents.estimated_document_count() == newest

    def cut(self, start: int, count: int) -> list[TrailRow]:
        return self._read(self.query, start, count)

    def beyond(self, place: Place, count: int) -> list[TrailRow]:
        return self._read({**self.query, "sequence": {"$lt": place.value}}, 0, count)

    def count(self, most: int | None) -> int:
        if most is None:
            return self.documents.count_documents(self.query)
        # By their keys: the server of `make run` takes a second where it is told to count.
        return sum(1 for _key in self.documents.find(self.query, {"_id": 1}).limit(most))

    def _read(self, query: Document, start: int, count: int) -> list[TrailRow]:
        found = self.documents.find(query).sort("sequence", -1).skip(start).limit(count)
        return [_row_of(document) for document in found]


def _row_of(values: dict[str, Any]) -> TrailRow:
    given: dict[str, Any] = {name: values.get(name) for name in COLUMNS}
    given["happened_at"] = _whole(given["happened_at"])
    given["subject_id"] = given["subject_id"] and str(given["subject_id"])
    return TrailRow(**given)


def ask_trail(
    wish: Wish, question: Callable[[Trail], Answer], *, rows: AuditEntryQuerySet, unsealed: bool = False
) -> Answer:
    """Put a question to the copy in MongoDB; to PostgreSQL where the copy does not answer in a quarter of a second or
    is not up to date, and where what is not sealed is asked for.

    Args:
        rows: the entries that the asker may see.
    """
    newest = None if unsealed else _newest_that_the_copy_must_have()
    if newest is not None:
        try:
            with collection(AUDIT_LOGS) as documents:
                copy = CopiedTrail(documents, wish)
                if copy.is_whole(newest):
                    return question(copy)
        except Away:
            pass
    return question(KeptTrail(rows, wish))


def _newest_that_the_copy_must_have() -> int | None:
    """Return the last number given; None where none is, where the sealer is behind, and so is any copy, or where the
    copy has yet to be told that values were erased."""
    waiting = AuditEntry.objects.unsealed()
    if waiting.filter(Q(happened_at__lt=Now() - LATE) | Q(action=ERASE, entity_type=ENTITY)).exists():
        return None
    return AuditEntry.objects.sealed().reverse().values_list("sequence", flat=True).first()
