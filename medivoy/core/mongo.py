"""MongoDB: copies for reading of what PostgreSQL holds. It may vanish at any moment, and nobody waits for it long.

Whoever writes a copy keeps a row that says what is not copied yet, and tries again; whoever reads one has PostgreSQL to
fall back on. After a failure nobody asks for five seconds.

What is asked of it is kept plain, so that the server of `make run` and a real one say the same:
tests/core/test_mongo.py is the list, and runs against either. Ids are texts, money too, and times have milliseconds.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pymongo
from django.conf import settings
from pymongo.collection import Collection
from pymongo.errors import ConfigurationError, ConnectionFailure, ExecutionTimeout, OperationFailure, PyMongoError

from medivoy.core.errors import Unavailable

logger = logging.getLogger(__name__)

REQUEST_SECONDS = 0.25
WORKER_SECONDS = 1.0
REST_SECONDS = 5.0

CONNECT_SECONDS = 0.2
# How often a client looks whether its server is there (again).
HEARTBEAT_SECONDS = 1.0
POLL_SECONDS = 0.005
# The server is there and does not let us in: to a reader that is the same.
UNAUTHORIZED, AUTHENTICATION_FAILED = 13, 18

Document = dict[str, Any]


class Away(Unavailable):
    """MongoDB is not there, or does not answer in time."""


class Server:
    """One client a process, made when it is first needed, and a rest after a failure; shared by threads."""

    def __init__(self) -> None:
        self._clients: dict[tuple[int, str], pymongo.MongoClient[Document]] = {}
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget any rest; also after a fork, where another thread may have held the lock."""
        self._lock = threading.Lock()
        self._resting_until = 0.0

    @contextmanager
    def reach(self, collection: str, *, within: float) -> Iterator[Collection[Document]]:
        """Give `collection` to a block that takes `within` seconds at most. Raises Away."""
        if time.monotonic() < self._resting_until:
            raise Away
        deadline = time.monotonic() + within
        try:
            client = self._find_server(deadline)
            with pymongo.timeout(max(0.001, deadline - time.monotonic())):
                yield client[settings.MONGODB_NAME][collection]
        except PyMongoError as error:
            if not _is_absence(error):
                raise
            logger.warning("MongoDB is away: %s", type(error).__name__)
            self._resting_until = time.monotonic() + REST_SECONDS
            raise Away from error

    def _find_server(self, deadline: float) -> pymongo.MongoClient[Document]:
        """Return the client once it knows a server that takes writes. The driver's own wait is half a second a
        step, whatever it is told; so it is only asked what it has seen."""
        client = self._client()
        while not client.topology_description.has_writable_server():
            if time.monotonic() >= deadline:
                raise ConnectionFailure("no server seen in time")
            time.sleep(POLL_SECONDS)
        return client

    def _client(self) -> pymongo.MongoClient[Document]:
        key = (os.getpid(), settings.MONGODB_URL)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = pymongo.MongoClient(
                    settings.MONGODB_URL,
                    appname="medivoy",
                    tz_aware=True,
                    connectTimeoutMS=int(CONNECT_SECONDS * 1000),
                    heartbeatFrequencyMS=int(HEARTBEAT_SECONDS * 1000),
                    # A second try would wait for the server to be seen again; the caller tries later instead.
                    retryReads=False,
                    retryWrites=False,
                )
            return self._clients[key]


def _is_absence(error: PyMongoError) -> bool:
    """Whether MongoDB is not there, rather than our question wrong."""
    if isinstance(error, OperationFailure) and not isinstance(error, ExecutionTimeout):
        return error.code in (UNAUTHORIZED, AUTHENTICATION_FAILED)
    return isinstance(error, ConnectionFailure | ExecutionTimeout | ConfigurationError)


server = Server()
os.register_at_fork(after_in_child=server.begin_anew)


def collection(name: str, *, within: float = REQUEST_SECONDS) -> AbstractContextManager[Collection[Document]]:
    """Give the collection `name` to a `with` block, which takes `within` seconds at most: REQUEST_SECONDS where
    somebody waits, WORKER_SECONDS in a task. Raises Away from anywhere in the block."""
    return server.reach(name, within=within)
