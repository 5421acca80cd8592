"""Where the head of the chain is kept outside of the database (T61)."""

import logging
import stat

import pytest

from apps.accounts.services import audit_heads
from apps.accounts.services.audit_chain import seal_entries
from apps.accounts.services.audit_heads import AUDIT_HEADS, Head, HeadDocuments, HeadFile, export_head, head_of
from medivoy.core import clock, mongo
from tests.accounts.trail import add, at, trail
from tests.figures import CONTENDERS
from tests.race import contend

__all__ = ["trail"]

pytestmark = pytest.mark.django_db

NOWHERE = "mongodb://127.0.0.1:1/?directConnection=true"


def seal(count):
    add(count)
    seal_entries()
    return export_head()


def heads():
    with mongo.collection(AUDIT_HEADS, within=5) as rows:
        return [(row["_id"], row["sequence"], row["hash"]) for row in rows.find().sort("sequence", 1)]


def test_t61_a_head_is_in_the_file_in_mongodb_and_in_the_logs(trail, caplog):
    caplog.set_level(logging.INFO, logger=audit_heads.__name__)
    assert seal(12) == []

    head = at(12)
    number, digest, moment = trail.read_text().split()
    assert (number, digest) == ("12", head.hash)
    assert moment.endswith("+00:00")
    assert heads() == [(12, 12, head.hash)]
    said = [record.getMessage().replace("-", "") for record in caplog.records]
    assert said == [f"audit head 12 {head.hash} to file", f"audit head 12 {head.hash} to MongoDB"]


def test_the_file_is_its_owners_alone(trail):
    seal(1)
    assert stat.S_IMODE(trail.stat().st_mode) == 0o600


def test_a_head_is_exported_once(trail):
    seal(2)
    seal(0)
    seal(9)
    assert [line.split()[0] for line in trail.read_text().splitlines()] == ["2", "11"]
    assert [sequence for _pk, sequence, _hash in heads()] == [2, 11]


def test_with_nothing_sealed_there_is_none(trail):
    assert export_head() == []
    assert not trail.exists()


def test_an_older_head_comes_too_late(trail):
    """Two sealers may export in another order than they sealed."""
    place, now = HeadFile(), clock.now()
    for sequence in (5, 3, 5, 8):
        place.add(Head(sequence, "a" * 64, now))
    assert [head.sequence for head in place.read(until=8)] == [5, 8]
    assert [head.sequence for head in place.read(until=7)] == [5]
    assert place.newest().sequence == 8


def test_the_first_head_of_a_number_stays_in_mongodb(trail):
    place, now = HeadDocuments(), clock.now()
    place.add(Head(5, "a" * 64, now))
    place.add(Head(5, "b" * 64, now))
    assert heads() == [(5, 5, "a" * 64)]


def test_many_at_once_write_whole_lines(trail):
    now = clock.now()
    results = contend(lambda number: HeadFile().add(Head(number + 1, f"{number:064x}", now)), CONTENDERS)
    assert results == [None] * CONTENDERS
    found = [head_of(line) for line in trail.read_bytes().splitlines()]
    assert found == sorted(found, key=lambda head: head.sequence)
    assert found[-1].sequence == CONTENDERS


@pytest.mark.parametrize("line", [b"", b"12", b"12 abc", b"x y z", b"1 a 2026", b"1 a \xff", b"1 a b c"])
def test_what_is_no_line_is_no_head(line):
    assert head_of(line.replace(b"2026", b"sometime")) is None


def test_t62_mongodb_away_leaves_the_file(trail, settings):
    settings.MONGODB_URL = NOWHERE
    mongo.server.begin_anew()
    assert seal(3) == ["MongoDB"]
    assert trail.read_text().startswith("3 ")


def test_a_file_that_cannot_be_written_is_a_failure_that_shows(trail):
    """The entries are sealed all the same, and the next run tries again."""
    trail.parent.mkdir()
    trail.mkdir()
    with pytest.raises(OSError, match="directory"):
        seal(1)
    trail.rmdir()
    assert export_head() == []
    assert trail.read_text().startswith("1 ")
