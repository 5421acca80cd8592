"""The seal of the audit trail (T61): numbers without gaps, hashes that follow, and nobody who waits for it."""

import threading
from datetime import timedelta

import pytest
from django.db import Error, connection, transaction

from apps.accounts.models import AuditEntry
from apps.accounts.services import audit_chain
from apps.accounts.services.audit import record
from apps.accounts.services.audit_chain import BEGINNING, LINKED, link, seal_entries
from apps.accounts.services.audit_heads import export_head
from apps.accounts.services.audit_verification import verify_trail
from tests.accounts.trail import add, as_ruler, trail
from tests.figures import CONTENDERS, ROUNDS
from tests.race import contend

__all__ = ["trail"]

in_one_transaction = pytest.mark.django_db
for_real = pytest.mark.django_db(transaction=True)


def seals():
    return list(AuditEntry.objects.sealed().values_list("sequence", "pk"))


def is_whole():
    export_head()
    return verify_trail().fault is None


@in_one_transaction
def test_t61_numbers_have_no_gaps_and_each_hash_follows(trail, monkeypatch):
    monkeypatch.setattr(audit_chain, "BATCH", 3)
    entries = add(7)

    assert seal_entries() == 7

    assert seals() == [(number, entry.pk) for number, entry in enumerate(entries, 1)]
    previous = BEGINNING
    for entry in AuditEntry.objects.sealed():
        values = [getattr(entry, name) for name in LINKED]
        assert entry.hash == link(previous, entry.sequence, values)
        previous = entry.hash
    assert seal_entries() == 0


@in_one_transaction
def test_every_hashed_column_makes_another_hash(trail):
    entry = add()[0]
    values = {name: getattr(entry, name) for name in LINKED}
    hashes = {
        link(BEGINNING, 1, values.values()),
        link(BEGINNING, 2, values.values()),
        link("1" * 64, 1, values.values()),
    }
    for name in LINKED:
        other = {"id": 0, "happened_at": entry.happened_at + timedelta(microseconds=1), "fields": ["a", "b"]}
        hashes.add(link(BEGINNING, 1, {**values, name: other.get(name, "other")}.values()))
    assert len(hashes) == 3 + len(LINKED)


@in_one_transaction
def test_time_is_bounded(trail, monkeypatch):
    monkeypatch.setattr(audit_chain, "BATCH", 2)
    add(5)
    assert seal_entries(within=timedelta()) == 2
    assert seal_entries() == 3


@in_one_transaction
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET sequence = sequence + 100",
        "UPDATE audit_entries SET hash = repeat('0', 64)",
        "UPDATE audit_entries SET sequence = NULL, hash = ''",
        "UPDATE audit_entries SET action = 'nothing'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
    ],
)
def test_t61_ordinary_code_changes_nothing_that_is_sealed(trail, statement):
    """T61, T15: whichever door, and whoever is signed in there."""
    add(2)
    seal_entries()
    before = list(AuditEntry.objects.order_by("pk").values())
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(AuditEntry.objects.order_by("pk").values()) == before


@in_one_transaction
def test_what_is_forged_in_an_insertion_is_not_kept(trail):
    """Time, salt, digest and seal are the database's own."""
    forged = AuditEntry.objects.create(
        actor="system", action="read", happened_at="2001-01-01T00:00:00Z", sequence=1, hash="x", salt="s", digest="d"
    )
    forged.refresh_from_db()
    assert (forged.sequence, forged.hash, forged.erased_at) == (None, "", None)
    assert forged.happened_at.year > 2001
    assert len(forged.salt) == 36
    assert len(forged.digest) == 64
    seal_entries()
    assert is_whole()


@in_one_transaction
def test_what_is_rolled_back_leaves_no_entry(trail):
    with transaction.atomic():
        record("read", actor=None, entity="hospital", entity_id="1")
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()


@for_real
def test_what_is_not_committed_yet_gets_its_number_later(trail):
    """An id that was taken early, and committed late, leaves no gap and is not forgotten."""
    taken, go_on = threading.Event(), threading.Event()

    def act(number):
        if number == 0:
            with transaction.atomic():
                (late,) = add()
                taken.set()
                go_on.wait(10)
            return late.pk
        taken.wait(10)
        (early,) = add()
        assert seal_entries() == 1
        go_on.set()
        return early.pk

    late, early = contend(act, 2)
    assert seal_entries() == 1
    assert late < early
    assert seals() == [(1, early), (2, late)]
    assert is_whole()


@for_real
def test_what_somebody_holds_locked_is_not_waited_for(trail):
    held, other = add(2)
    with_lock, go_on = threading.Event(), threading.Event()

    def act(number):
        if number == 0:
            with transaction.atomic():
                AuditEntry.objects.select_for_update().get(pk=held.pk)
                with_lock.set()
                go_on.wait(10)
            return None
        with_lock.wait(10)
        count = seal_entries()
        go_on.set()
        return count

    assert contend(act, 2) == [None, 1]
    assert seal_entries() == 1
    assert seals() == [(1, other.pk), (2, held.pk)]


class TestManyAtOnce:
    pytestmark = for_real

    def race(self, monkeypatch):
        """Sealers beside writers; return what went wrong."""
        monkeypatch.setattr(audit_chain, "BATCH", 5)

        def act(number):
            for _time in range(5):
                if number % 2:
                    add(4)
                else:
                    seal_entries()

        return [result for result in contend(act, CONTENDERS) if result is not None]

    def test_sealers_and_writers_disturb_nobody(self, trail, monkeypatch):
        for _round in range(ROUNDS):
            assert self.race(monkeypatch) == []
        seal_entries()
        written = CONTENDERS // 2 * 5 * 4 * ROUNDS
        assert [sequence for sequence, _pk in seals()] == list(range(1, written + 1))
        assert is_whole()

    def test_without_the_lock_they_do(self, trail, monkeypatch):
        """The negative control: numbers would be given out twice, and the database refuses that."""
        monkeypatch.setattr(audit_chain, "_is_alone", lambda: True)
        for _round in range(10 * ROUNDS):
            if self.race(monkeypatch):
                return
        pytest.fail("nobody was in the way of anybody")


@in_one_transaction
def test_who_rules_the_database_gets_past_the_triggers(trail):
    """Why there is a chain at all: the other tests of tampering rest on this."""
    add()
    with as_ruler() as cursor:
        cursor.execute("DELETE FROM audit_entries")
    assert not AuditEntry.objects.exists()
