"""Canaries: the passwords, tokens and clinical words of the tests, looked for where nothing of the kind may ever be.

While the tests run every log line is read as it is written, and the audit trail refuses an entry with one in it; at
the end each process looks through what is left of its own in Redis and MongoDB. A find fails the run.
"""

import base64
import binascii
import logging
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pymongo
import redis
from django.conf import settings

from apps.accounts.models import tokens
from medivoy.api import logs

# Stands at the beginning of every secret that the platform makes up while it is tested.
MINTED = "c4nary"
PASSWORDS = ("correct-horse-battery", "good-password-8", "yet-another-password", "ong-one-4711", "rong-password-1")
PASSWORDS += ("wrong-Password-1", "Medivoy-demo-2026")
CLINICAL = ("Penicillin", "Latex", "Diabetes", "Chest X-ray", "Knee pain")
# What factories hand out, and what the journeys of tests/e2e say.
HANDED_OUT = ("secret-number-", "SECRET-[A-Z]{4}")
ACCESS_TOKEN = r"eyJ[A-Za-z0-9_-]{8,}[.]eyJ"
PATTERN = "|".join((MINTED, *PASSWORDS, *CLINICAL, *HANDED_OUT, ACCESS_TOKEN))
# A task's arguments lie in the queue like this.
ENCODED = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")

REFUSAL = f"""
CREATE OR REPLACE FUNCTION refuse_canaries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW::text ~ '{PATTERN}' THEN
        RAISE EXCEPTION 'a canary in the audit trail: % % %', NEW.action, NEW.entity_type, NEW.fields;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER canaries BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_canaries();
"""


def finder(*words: str) -> re.Pattern[bytes]:
    """Return what finds these words, or the canaries of all tests."""
    return re.compile("|".join(map(re.escape, words)).encode() if words else PATTERN.encode())


CANARY = finder()


def canaries_in(text: str | bytes, canary: re.Pattern[bytes] = CANARY) -> set[str]:
    """Return the canaries in a text, and in what is base64 in it."""
    data = text.encode(errors="replace") if isinstance(text, str) else text
    found = set(canary.findall(data))
    for encoded in ENCODED.findall(data):
        try:
            found |= set(canary.findall(base64.b64decode(encoded + b"=" * (-len(encoded) % 4))))
        except binascii.Error:
            continue
    return {word.decode(errors="replace") for word in found}


class Watch(logging.Handler):
    """Reads every log line, in both of the formats that the platform writes."""

    def __init__(self) -> None:
        super().__init__()
        self.finds: list[str] = []
        self.lines = 0
        self.papers = (logs.JsonFormatter(), logs.LineFormatter("%(name)s [%(request_id)s] %(message)s"))
        self.addFilter(logs.RequestIdFilter())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += 1
        for paper in self.papers:
            record.exc_text = None
            found = canaries_in(paper.format(record))
            if found:
                self.finds.append(f"log line of {record.name}, in {os.environ.get('PYTEST_CURRENT_TEST')}: {found}")
        record.exc_text = None


@contextmanager
def watch() -> Iterator[Watch]:
    """Read the log, and mark every secret that is made up meanwhile.

    Records are read where they are made: whoever sets up logging anew would send a handler away.
    """
    handler = Watch()
    make = logging.getLogRecordFactory()

    def read(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        handler.handle(record)
        return record

    logging.setLogRecordFactory(read)
    real = tokens.secrets
    tokens.secrets = SimpleNamespace(token_urlsafe=marked)
    try:
        yield handler
    finally:
        tokens.secrets = real
        logging.setLogRecordFactory(make)


def marked(count: int) -> str:
    """A secret as `secrets.token_urlsafe` makes them, that is recognised."""
    return MINTED + secrets.token_urlsafe(count)[len(MINTED) :]


def in_redis(store: Any, keys: str, canary: re.Pattern[bytes] = CANARY) -> list[str]:
    """Look through the keys that `keys` matches, and what stands behind them."""
    readers = {
        b"string": store.get,
        b"list": lambda key: store.lrange(key, 0, -1),
        b"set": store.smembers,
        b"hash": store.hgetall,
        b"zset": lambda key: store.zrange(key, 0, -1, withscores=True),
        b"stream": store.xrange,
    }
    finds = []
    for key in store.scan_iter(match=keys, count=1000):
        kind = store.type(key)
        value = readers[kind](key) if kind != b"none" else b""
        data = value if isinstance(value, bytes) else repr(value).encode()
        if found := canaries_in(key + b" " + (data or b""), canary):
            finds.append(f"Redis {key!r}: {found}")
    return finds


def in_mongodb(client: pymongo.MongoClient[Any], databases: list[str], canary: re.Pattern[bytes] = CANARY) -> list[str]:
    """Look through every document of the databases."""
    return [
        f"MongoDB {name}.{collection} {document.get('_id')}: {found}"
        for name in databases
        for collection in client[name].list_collection_names()
        for document in client[name][collection].find()
        if (found := canaries_in(repr(document), canary))
    ]


def left_in_stores() -> list[str]:
    """Look through what this process has left in Redis and MongoDB."""
    with redis.Redis.from_url(settings.REDIS_URL) as store:
        finds = in_redis(store, f"*{settings.RUN}*")
    with pymongo.MongoClient[Any](os.environ["MONGODB_URL"]) as client:
        ours = [name for name in client.list_database_names() if name == settings.RUN]
        return finds + in_mongodb(client, ours)
