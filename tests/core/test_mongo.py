"""MongoDB as we use it: what is asked of it works, and it may vanish (T62). Where MONGODB_URL is set, any server's."""

import os
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pymongo
import pytest
from pymongo.errors import BulkWriteError, DuplicateKeyError

from medivoy.core import mongo

NOWHERE = "mongodb://127.0.0.1:1/?directConnection=true"
# Our own wait, and what a busy machine adds.
LONGEST_WAIT = mongo.REQUEST_SECONDS + 0.2


@pytest.fixture
def rows():
    """An empty collection of this test's own."""
    name = f"contract_{os.getpid()}_{time.monotonic_ns()}"
    mongo.server.begin_anew()
    with mongo.collection(name, within=5) as found:
        yield found
        found.drop()


@pytest.fixture
def away(settings):
    mongo.server.begin_anew()
    settings.MONGODB_URL = NOWHERE
    yield
    mongo.server.begin_anew()


def now():
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


class TestWhatIsAskedOfIt:
    def test_a_document_comes_back_as_it_was_written_with_its_zone(self, rows):
        document = {"_id": "1", "words": "مرحبا", "at": now(), "none": None, "yes": True, "of": {"n": [1, 2]}}
        rows.insert_one(document)
        found = rows.find_one({"_id": "1"})
        assert found == document
        assert found["at"].utcoffset() == timedelta(0)

    def test_replacing_with_upsert_makes_or_replaces_one(self, rows):
        for value in (1, 2):
            rows.bulk_write([pymongo.ReplaceOne({"_id": "1"}, {"_id": "1", "n": value}, upsert=True)], ordered=False)
        assert list(rows.find()) == [{"_id": "1", "n": 2}]

    def test_a_batch_of_upserts_and_deletions_is_one_call(self, rows):
        rows.insert_one({"_id": "old"})
        upserts = [pymongo.ReplaceOne({"_id": str(n)}, {"_id": str(n)}, upsert=True) for n in range(3)]
        rows.bulk_write([*upserts, pymongo.DeleteOne({"_id": "old"})], ordered=False)
        assert sorted(found["_id"] for found in rows.find()) == ["0", "1", "2"]

    def test_many_are_deleted_by_a_list(self, rows):
        rows.insert_many([{"_id": name} for name in "abc"])
        rows.delete_many({"_id": {"$in": ["a", "b"]}})
        assert [found["_id"] for found in rows.find()] == ["c"]

    def test_rows_are_filtered_sorted_and_cut(self, rows):
        rows.insert_many([{"_id": str(n), "n": n, "kind": "odd" if n % 2 else "even"} for n in range(6)])
        found = rows.find({"kind": "odd", "n": {"$gte": 1, "$lt": 6}}, {"n": 1}).sort("n", -1).skip(1).limit(1)
        assert list(found) == [{"_id": "3", "n": 3}]
        assert rows.count_documents({"$or": [{"n": 0}, {"n": 5}]}) == 2

    def test_numbers_are_sorted_as_numbers_where_they_are_no_key(self, rows):
        """As keys the server of `make run` sorts them as words: 10 comes before 9."""
        rows.insert_many([{"_id": n, "n": n} for n in (9, 100, 10)])
        assert [found["_id"] for found in rows.find().sort("n", 1)] == [9, 10, 100]
        assert rows.find_one(sort=[("n", -1)])["_id"] == 100
        assert [found["_id"] for found in rows.find({"n": {"$gte": 9, "$lte": 10}}).sort("n", 1)] == [9, 10]

    def test_a_batch_in_order_ends_where_it_fails(self, rows):
        rows.insert_one({"_id": 2})
        writes = [
            pymongo.InsertOne({"_id": 1}),
            pymongo.ReplaceOne({"_id": 1}, {"_id": 1, "n": 1}),
            pymongo.InsertOne({"_id": 2, "n": 2}),
            pymongo.InsertOne({"_id": 3}),
        ]
        with pytest.raises(BulkWriteError):
            rows.bulk_write(writes, ordered=True)
        assert {found["_id"]: found.get("n") for found in rows.find()} == {1: 1, 2: None}

    def test_what_is_set_on_insert_is_set_once(self, rows):
        for value in (1, 2):
            rows.update_one({"_id": 5}, {"$setOnInsert": {"n": value}}, upsert=True)
        assert list(rows.find()) == [{"_id": 5, "n": 1}]

    def test_a_key_is_there_once(self, rows):
        rows.insert_one({"_id": "1"})
        with pytest.raises(DuplicateKeyError):
            rows.insert_one({"_id": "1"})

    def test_a_batch_with_keys_that_are_there_says_so_and_adds_the_rest(self, rows):
        rows.insert_one({"_id": "1", "n": 1})
        with pytest.raises(BulkWriteError):
            rows.insert_many([{"_id": "1", "n": 2}, {"_id": "2", "n": 2}], ordered=False)
        assert {found["_id"]: found["n"] for found in rows.find()} == {"1": 1, "2": 2}

    def test_an_index_is_made_once_however_often_it_is_asked_for(self, rows):
        for _time in range(2):
            rows.create_index("user_id")
            rows.create_index("expires_at", expireAfterSeconds=0)
        rows.insert_many(
            [
                {"_id": "over", "expires_at": now() - timedelta(hours=1)},
                {"_id": "on", "expires_at": now() + timedelta(hours=1)},
            ]
        )
        assert rows.find_one({"_id": "on"})


class TestAway:
    """T62."""

    def test_nobody_waits_longer_than_a_quarter_of_a_second(self, away):
        assert _seconds_until_away() < LONGEST_WAIT

    def test_after_a_failure_it_is_let_rest(self, away):
        _seconds_until_away()
        assert _seconds_until_away() < 0.05

    def test_the_rest_ends(self, away, settings, monkeypatch):
        monkeypatch.setattr(mongo, "REST_SECONDS", 0.0)
        there = os.environ["MONGODB_URL"]
        _seconds_until_away()
        settings.MONGODB_URL = there
        with mongo.collection("contract", within=5) as rows:
            assert rows.find_one({"_id": "nobody"}) is None

    def test_one_that_takes_the_call_and_never_answers_costs_no_more(self, settings, stalling):
        settings.MONGODB_URL = stalling.url
        mongo.server.begin_anew()
        with mongo.collection("contract", within=5) as rows:
            rows.find_one({"_id": "nobody"})
        stalling.stalls.set()
        assert _seconds_until_away() < LONGEST_WAIT
        mongo.server.begin_anew()

    def test_one_that_never_says_hello_costs_no_more(self, settings):
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            settings.MONGODB_URL = f"mongodb://127.0.0.1:{deaf.getsockname()[1]}/?directConnection=true"
            mongo.server.begin_anew()
            assert _seconds_until_away() < LONGEST_WAIT
        mongo.server.begin_anew()

    def test_a_wrong_question_is_no_absence(self, rows):
        rows.insert_one({"_id": "1"})
        with pytest.raises(DuplicateKeyError), mongo.collection(rows.name) as again:
            again.insert_one({"_id": "1"})
        with mongo.collection(rows.name) as again:
            assert again.find_one({"_id": "1"})

    def test_a_forked_process_has_a_client_of_its_own(self, rows):
        rows.insert_one({"_id": "1"})
        found, child = None, os.fork()
        if child == 0:
            try:
                with mongo.collection(rows.name, within=5) as again:
                    found = again.find_one({"_id": "1"})
            finally:
                os._exit(0 if found else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _seconds_until_away():
    began = time.monotonic()
    with pytest.raises(mongo.Away), mongo.collection("contract") as rows:
        rows.find_one({"_id": "nobody"})
    return time.monotonic() - began


class Stalling:
    """Stands before the real server, and from some moment on passes nothing on any more."""

    def __init__(self, target):
        self.target, self.stalls = target, threading.Event()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"mongodb://127.0.0.1:{self.door.getsockname()[1]}/?directConnection=true"
        threading.Thread(target=self._let_in, daemon=True).start()

    def _let_in(self):
        while True:
            try:
                near, _address = self.door.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source, sink):
        try:
            while data := source.recv(65536):
                if self.stalls.is_set():
                    return
                sink.sendall(data)
        except OSError:
            return


@pytest.fixture
def stalling():
    parts = pymongo.uri_parser.parse_uri(os.environ["MONGODB_URL"])
    proxy = Stalling(parts["nodelist"][0])
    yield proxy
    proxy.door.close()
