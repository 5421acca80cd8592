"""The copy of the audit trail in MongoDB: equal afterwards, whatever happened meanwhile (T61, T62)."""

import threading
from datetime import timedelta

import pymongo
import pytest
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from apps.accounts import tasks
from apps.accounts.models import AuditEntry
from apps.accounts.services import audit_copies, audit_erasure
from apps.accounts.services.audit_chain import seal_entries
from apps.accounts.services.audit_copies import AUDIT_LOGS, copy_entries, document_of
from apps.accounts.services.audit_copy_verification import verify_copies
from apps.accounts.services.audit_erasure import erase_values
from apps.accounts.services.audit_verification import verify_trail
from medivoy.core import mongo
from medivoy.core.context import request_scope, writing
from medivoy.core.models import TaskRun
from medivoy.embedded.mongodb import MongoDB
from tests.accounts.trail import add, at, trail
from tests.factories.accounts import UserFactory
from tests.figures import CONTENDERS
from tests.race import contend

__all__ = ["trail"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trail")]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Twelve entries are more than one batch, and their numbers sorted as words would be 1, 10, 11, 12, 2."""
    monkeypatch.setattr(audit_copies, "BATCH", 5)


def logs():
    return mongo.collection(AUDIT_LOGS, within=5)


def documents():
    with logs() as rows:
        return list(rows.find().sort("sequence", 1))


def is_equal():
    return documents() == [document_of(entry) for entry in AuditEntry.objects.sealed()]


def test_t61_a_copy_says_what_the_entry_says():
    """T61: in MongoDB as in PostgreSQL, and only as a copy."""
    with request_scope("request-1", ip="203.0.113.7", user_agent="Phone"), writing(None):
        user = UserFactory(first_name="Ana")
    seal_entries()
    assert copy_entries() == 1

    entry = at(1)
    (document,) = documents()
    moment = entry.happened_at
    assert document == {
        "_id": 1,
        "sequence": 1,
        "id": entry.pk,
        "happened_at": moment.replace(microsecond=moment.microsecond // 1000 * 1000),
        "actor": "anonymous",
        "action": "create",
        "entity_type": "user",
        "entity_id": str(user.pk),
        "subject_id": None,
        "fields": entry.fields,
        "request_id": "request-1",
        "changes": entry.changes,
        "ip": "203.0.113.7",
        "user_agent": "Phone",
        "erased_at": None,
        "hash": entry.hash,
    }
    assert document["changes"]["first_name"] == [None, "Ana"]
    assert document["changes"]["password_hash"] == [None, "***"]


def test_ids_and_numbers_are_what_mongodb_can_hold():
    person = UserFactory()
    AuditEntry.objects.create(
        actor="system",
        action="read",
        subject_id=person.pk,
        changes={"n": [2**63, -(2**63), 2**53 + 1], "m": {"k": 1.5}},
    )
    seal_entries()
    copy_entries()
    document = documents()[-1]
    assert document["subject_id"] == str(person.pk)
    assert document["changes"] == {"n": [str(2**63), str(-(2**63)), 2**53 + 1], "m": {"k": 1.5}}
    assert is_equal()


def test_batches_walk_to_the_end_and_once_more_adds_nothing():
    add(12)
    seal_entries()
    assert copy_entries() == 12
    assert copy_entries() == 0
    add(1)
    assert copy_entries() == 0, "what is not sealed waits"
    seal_entries()
    assert copy_entries() == 1
    assert is_equal()


def test_time_is_bounded():
    add(12)
    seal_entries()
    assert copy_entries(within=timedelta()) == 5
    assert copy_entries() == 7
    assert is_equal()


def test_a_collection_that_was_dropped_is_copied_again():
    add(7)
    seal_entries()
    copy_entries()
    with logs() as rows:
        rows.drop()
    assert copy_entries() == 7
    assert is_equal()


def test_what_broke_off_in_the_middle_goes_on_there(monkeypatch):
    """As where MongoDB dies between two documents of a batch."""
    add(12)
    seal_entries()
    whole = audit_copies._writes

    def broken(entries):
        *some, _last = whole(entries)
        yield from some
        yield pymongo.InsertOne({"_id": 1})

    monkeypatch.setattr(audit_copies, "_writes", broken)
    with pytest.raises(BulkWriteError):
        copy_entries()
    monkeypatch.undo()
    assert [document["_id"] for document in documents()] == [1, 2, 3, 4]
    assert copy_entries() == 8
    assert is_equal()


class TestErasure:
    @pytest.fixture
    def person(self):
        with request_scope("at-home", ip="203.0.113.7", user_agent="Phone"), writing(None):
            return UserFactory(first_name="Aisha")

    @pytest.fixture
    def bulks(self, monkeypatch):
        """How many writes MongoDB is asked for at a time."""
        counts = []
        write = Collection.bulk_write

        def count(logs, writes, **options):
            counts.append(len(writes))
            return write(logs, writes, **options)

        monkeypatch.setattr(Collection, "bulk_write", count)
        return counts

    def test_what_was_blanked_is_blanked_in_the_copy_too(self, person):
        add(6)
        seal_entries()
        copy_entries()
        assert "Aisha" in str(documents())

        erase_values(None, user_id=person.pk, entities=[])
        seal_entries()
        copy_entries()

        assert "Aisha" not in str(documents())
        assert "203.0.113.7" not in str(documents())
        assert is_equal()

    def test_in_one_go_with_what_was_never_copied(self, person):
        seal_entries()
        copy_entries()
        person.first_name = "Aysha"
        person.save()
        seal_entries()
        erase_values(None, user_id=person.pk, entities=[])
        add(6)
        seal_entries()

        copy_entries()

        assert "ysha" not in str(documents())
        assert is_equal()

    def test_t62_no_batch_has_more_than_one_erasure_and_each_is_a_step(self, person, bulks, monkeypatch):
        """T62: however much an erasure blanked, MongoDB is asked for little at a time."""
        monkeypatch.setattr(audit_erasure, "CHUNK", 2)
        for number in range(9):
            person.first_name = f"Name{number}"
            person.save()
        seal_entries()
        copy_entries()
        erase_values(None, user_id=person.pk, entities=[])
        add(3)
        seal_entries()

        assert [copy_entries(within=timedelta()) for _batch in range(7)] == [1, 1, 1, 1, 1, 3, 0]

        assert max(bulks) <= audit_copies.BATCH
        assert "Name" not in str(documents())
        assert is_equal()

    def test_t62_an_erasure_that_names_more_than_a_batch_is_written_in_several(self, person, bulks):
        for number in range(12):
            person.first_name = f"Name{number}"
            person.save()
        seal_entries()
        copy_entries()
        erase_values(None, user_id=person.pk, entities=[])
        seal_entries()

        assert copy_entries() == 1

        assert bulks[-3:] == [5, 5, 4]
        assert is_equal()

    def test_whoever_read_an_entry_before_cannot_put_its_values_back(self, person):
        """A slow copier that lost its lock: an addition is refused where the document is there already."""
        seal_entries()
        stale = list(audit_copies._writes(list(AuditEntry.objects.sealed())))
        copy_entries()
        erase_values(None, user_id=person.pk, entities=[])
        seal_entries()
        copy_entries()

        with logs() as rows, pytest.raises(BulkWriteError):
            rows.bulk_write(stale, ordered=True)

        assert is_equal()


class TestT62Away:
    """T62: MongoDB away means later, never lost."""

    @pytest.fixture
    def server(self, tmp_path, settings):
        """A server of this test's own, which dies and comes back."""
        server = MongoDB(tmp_path)
        server.start()
        settings.MONGODB_URL = server.url
        mongo.server.begin_anew()
        yield server
        server.stop()

    def run(self):
        """What the minute's tasks say."""
        mongo.server.begin_anew()
        tasks.seal_audit()
        tasks.copy_audit()
        names = ("accounts.seal_audit", "accounts.copy_audit")
        return [TaskRun.objects.get(task=name).result for name in names]

    def test_t62_nothing_waits_nothing_is_lost_and_later_all_is_equal(self, server, monkeypatch):
        monkeypatch.setattr(mongo, "WORKER_SECONDS", 0.3)
        with request_scope("at-home", ip="203.0.113.7"), writing(None):
            person = UserFactory(first_name="Aisha")
        add(5)
        assert self.run() == ["6 entries sealed", "6 entries copied"]

        server.process.kill()
        server.process.wait()
        add(7)
        erase_values(None, user_id=person.pk, entities=[])
        assert self.run() == ["8 entries sealed, MongoDB is away", "MongoDB is away, entries wait"]
        add(1)
        assert self.run() == ["1 entries sealed, MongoDB is away", "MongoDB is away, entries wait"]
        assert verify_trail().fault is None

        server.spawn()
        self.wait_for(server)
        assert "Aisha" in str(documents()), "what it had is there again"
        assert self.run() == ["0 entries sealed", "9 entries copied"]
        assert is_equal()
        assert "Aisha" not in str(documents())
        finding = verify_trail()
        verify_copies(finding)
        assert (finding.fault, finding.copies) == (None, 15)
        assert finding.heads == {"file": 3, "MongoDB": 2}

    @staticmethod
    def wait_for(server):
        for _time in range(600):
            if server.answers():
                mongo.server.begin_anew()
                return
            threading.Event().wait(0.05)
        pytest.fail("it did not come back")


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def race(self):
        def act(number):
            if number % 3 == 0:
                add(4)
                seal_entries()
            return copy_entries()

        return contend(act, CONTENDERS)

    def test_each_entry_is_there_once(self):
        add(20)
        seal_entries()
        results = self.race()
        assert [result for result in results if isinstance(result, Exception)] == []
        copied = sum(results) + copy_entries()
        assert copied == AuditEntry.objects.sealed().count()
        assert is_equal()

    def test_without_the_lock_they_are_in_each_others_way(self, monkeypatch):
        """The negative control; and even then nothing is there twice, or missing."""
        monkeypatch.setattr(audit_copies, "_is_alone", lambda: True)
        for _round in range(10):
            add(20)
            seal_entries()
            if any(isinstance(result, BulkWriteError) for result in self.race()):
                break
        else:
            pytest.fail("nobody was in the way of anybody")
        monkeypatch.undo()
        seal_entries()
        copy_entries()
        assert is_equal()
