"""The head of the chain, kept outside of the table that it seals: in a file, in MongoDB, and in the logs.

Whoever may change the database may also compute the chain anew, or cut its end; the heads that were exported before
still say what was there. One head holds everything before it, so one that is missed costs nothing once the next is
out.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, ClassVar, Protocol

from django.conf import settings

from apps.accounts.models import AuditEntry
from medivoy.core import clock
from medivoy.core.mongo import WORKER_SECONDS, Away, Document, collection

logger = logging.getLogger(__name__)

AUDIT_HEADS = "audit_heads"
# More than a line ever has.
LINE = 256


class HeadLost(Exception):
    """A head that was exported is not in the chain any more: entries were changed, removed or put in their place."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of the chain at some moment."""

    sequence: int
    hash: str
    exported_at: datetime

    def __str__(self) -> str:
        return f"{self.sequence} {self.hash} {self.exported_at.isoformat()}"


def head_of(line: bytes) -> Head | None:
    """Return the head in a line of the file, or None where there is none: one that was torn, or tampered with."""
    try:
        sequence, digest, moment = line.decode("ascii").split()
        return Head(int(sequence), digest, datetime.fromisoformat(moment))
    except ValueError:
        return None


class Place(Protocol):
    """Where heads are exported to."""

    name: ClassVar[str]

    def newest(self) -> Head | None:
        """Return the last head that was put there."""

    def add(self, head: Head) -> None:
        """Put `head` there, unless one as new is there already."""

    def read(self, until: int) -> Iterator[Head]:
        """Return the heads in order, up to that number."""


class HeadFile:
    """Lines of number, hash and time in settings.AUDIT_HEADS_FILE, only ever added to."""

    name: ClassVar[str] = "file"

    def newest(self) -> Head | None:
        try:
            with self.path.open("rb") as file:
                return _last_line(file)
        except FileNotFoundError:
            return None

    def add(self, head: Head) -> None:
        with self._open() as file:
            last = _last_line(file)
            if last is not None and last.sequence >= head.sequence:
                return
            # After a line that was torn the next begins anew.
            start = b"" if _ends_well(file) else b"\n"
            file.write(start + f"{head}\n".encode())
            file.flush()
            os.fsync(file.fileno())

    def read(self, until: int) -> Iterator[Head]:
        try:
            with self.path.open("rb") as file:
                for line in file:
                    head = head_of(line)
                    if head is not None and head.sequence <= until:
                        yield head
        except FileNotFoundError:
            return

    @property
    def path(self) -> Path:
        return Path(settings.AUDIT_HEADS_FILE)

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        """Open the file for its owner alone, one process at a time."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch(mode=0o600)
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file


class HeadDocuments:
    """Documents in MongoDB `audit_heads`; the first one of a number stays. MongoDB may be away: raises Away."""

    name: ClassVar[str] = "MongoDB"

    def newest(self) -> Head | None:
        with collection(AUDIT_HEADS, within=WORKER_SECONDS) as heads:
            found = heads.find_one(sort=[("sequence", -1)])
        return _head_in(found) if found else None

    def add(self, head: Head) -> None:
        document = {"sequence": head.sequence, "hash": head.hash, "exported_at": head.exported_at}
        with collection(AUDIT_HEADS, within=WORKER_SECONDS) as heads:
            heads.create_index("sequence", unique=True)
            heads.update_one({"_id": head.sequence}, {"$setOnInsert": document}, upsert=True)

    def read(self, until: int) -> Iterator[Head]:
        last = 0
        while True:
            with collection(AUDIT_HEADS, within=WORKER_SECONDS) as heads:
                found = list(heads.find({"sequence": {"$gt": last, "$lte": until}}).sort("sequence", 1).limit(1000))
            if not found:
                return
            yield from map(_head_in, found)
            last = found[-1]["sequence"]


PLACES: tuple[Place, ...] = (HeadFile(), HeadDocuments())


def export_head() -> list[str]:
    """Export the head, where it is new; return the names of the places that are away.

    Raises HeadLost, at the end, where the last head of a place is not in the chain: `verify_audit` says more.
    """
    newest = AuditEntry.objects.head()
    away, lost = [], []
    for place in PLACES:
        try:
            last = place.newest()
            if newest and (last is None or last.sequence < newest[0]):
                _export(Head(*newest, clock.now()), place)
        except Away:
            away.append(place.name)
            continue
        if last is not None and not AuditEntry.objects.filter(sequence=last.sequence, hash=last.hash).exists():
            lost.append(f"{last.sequence} ({place.name})")
    if lost:
        logger.critical("audit heads that are not in the trail: %s", ", ".join(lost))
        raise HeadLost(", ".join(lost))
    return away


def _export(head: Head, place: Place) -> None:
    place.add(head)
    # In groups, so that the logs do not take it for a secret.
    groups = "-".join(head.hash[start : start + 16] for start in range(0, len(head.hash), 16))
    logger.info("audit head %d %s to %s", head.sequence, groups, place.name)


def _head_in(document: Document) -> Head:
    return Head(document["sequence"], document["hash"], document["exported_at"])


def _last_line(file: BinaryIO) -> Head | None:
    """Return the last head that can be read."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 2 * LINE))
    heads = [head for head in map(head_of, file.read().splitlines()) if head is not None]
    return heads[-1] if heads else None


def _ends_well(file: BinaryIO) -> bool:
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
