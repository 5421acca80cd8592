"""The search for canaries finds them; without this a search that finds nothing says nothing."""

import base64
import json
import logging
import logging.config

import pymongo
import pytest
import redis
from django.conf import settings
from django.db import DatabaseError, transaction

from apps.accounts.models import AuditEntry
from apps.accounts.models.tokens import new_secret
from tests.canaries import CLINICAL, MINTED, PASSWORDS, Watch, canaries_in, in_mongodb, in_redis
from tests.factories.accounts import PASSWORD
from tests.factories.clinical import MedicalRecordFactory, PatientFactory

WORD = PASSWORDS[0]


@pytest.fixture
def store():
    with redis.Redis.from_url(settings.REDIS_URL) as store:
        yield store
        store.delete(*KEYS)


KEYS = [f"{settings.RUN}:planted:{kind}" for kind in ("string", "list", "hash", "set", "zset", WORD)]


@pytest.fixture
def mongodb():
    with pymongo.MongoClient(settings.MONGODB_URL) as client:
        yield client
        client.drop_database(PLANTED)


PLANTED = f"{settings.RUN}_planted"


class TestTheWords:
    def test_are_those_that_the_factories_use(self):
        record = MedicalRecordFactory.build(patient=PatientFactory.build())
        for text in (PASSWORD, record.title, *record.patient.allergies, "secret-number-7", new_secret()):
            assert canaries_in(text), text

    def test_every_secret_that_is_made_up_meanwhile_bears_the_mark(self):
        assert {new_secret()[: len(MINTED)] for _time in range(3)} == {MINTED}
        assert len(new_secret()) == 43

    def test_are_found_in_base64_too(self):
        body = base64.b64encode(json.dumps([["x" * 30, {"note": CLINICAL[0]}]]).encode()).decode()
        assert canaries_in(json.dumps({"body": body})) == {CLINICAL[0]}
        assert canaries_in('{"body": "bm90aGluZyB3b3J0aCBtZW50aW9uaW5n"}') == set()


class TestT60TheLog:
    @pytest.fixture
    def watch(self):
        """One of its own: what it finds here does not fail the run."""
        return Watch()

    @staticmethod
    def record(message, *args, error=None):
        trace = (type(error), error, error.__traceback__) if error else None
        return logging.LogRecord("planted", logging.INFO, __file__, 1, message, args, trace)

    def test_is_read_by_every_test_whoever_sets_it_up_anew(self, no_canaries, settings):
        before = no_canaries.lines
        logging.getLogger("anybody").warning("nothing to see")
        logging.config.dictConfig(settings.LOGGING)
        logging.getLogger("anybody").warning("nor here")
        assert no_canaries.lines == before + 2

    def test_messages_arguments_and_errors_are(self, watch):
        watch.handle(self.record("nothing"))
        assert watch.finds == []
        for record in (
            self.record(f"it was {WORD}"),
            self.record("it was %s", WORD),
            self.record("failed", error=ValueError(f"not {WORD}")),
        ):
            watch.finds.clear()
            watch.handle(record)
            assert watch.finds, record.getMessage()


class TestT61TheTrail:
    pytestmark = pytest.mark.django_db

    def test_refuses_it_in_whatever_column(self):
        for column in (
            {"changes": {"notes": [None, WORD]}},
            {"fields": [WORD]},
            {"entity_id": WORD},
            {"user_agent": WORD},
        ):
            with pytest.raises(DatabaseError, match="a canary in the audit trail"), transaction.atomic():
                AuditEntry.objects.create(actor="system", action="update", **column)
        AuditEntry.objects.create(actor="system", action="update", changes={"notes": ["***", "***"]})


class TestTheStores:
    def test_a_canary_in_redis_is_found_behind_keys_of_every_kind(self, store):
        store.set(KEYS[0], f"x{WORD}")
        store.rpush(KEYS[1], "x", json.dumps({"body": base64.b64encode(f"a task of {WORD}".encode()).decode()}))
        store.hset(KEYS[2], "field", WORD)
        store.sadd(KEYS[3], WORD)
        store.zadd(KEYS[4], {WORD: 1})
        store.set(KEYS[5], "x")
        assert len(in_redis(store, f"{settings.RUN}:planted:*")) == len(KEYS)
        store.delete(*KEYS)
        store.set(KEYS[0], "clean")
        assert in_redis(store, f"{settings.RUN}:planted:*") == []

    def test_and_in_mongodb_however_deep(self, mongodb):
        rows = mongodb[PLANTED]["any"]
        rows.insert_many([{"_id": 1, "clean": 1}, {"_id": 2, "a": [{"b": {"c": f"x {WORD}"}}]}, {"_id": WORD}])
        assert len(in_mongodb(mongodb, [PLANTED])) == 2
        rows.delete_many({"_id": {"$in": [2, WORD]}})
        assert in_mongodb(mongodb, [PLANTED]) == []
