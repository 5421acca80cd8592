"""Waking a worker after a commit. The work itself is a row that was written before: the broker is only a wake-up.

A wake-up may fail and nothing is lost, because a sweep finds the row a minute later. So it is cheap to give up: a
connection of its own with short time-outs, no retries, and after a failure five seconds without trying.
"""

import logging
import threading
import time
from functools import partial
from typing import Any

from django.db import transaction
from kombu import Connection

from medivoy.celery import app

logger = logging.getLogger(__name__)

SOCKET_TIMEOUT_SECONDS = 0.2
PAUSE_AFTER_FAILURE_SECONDS = 5.0


class WakeUps:
    """A producer connection that fails quickly and rests after a failure; shared by the threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._resting_until = 0.0
        self._connection: Connection | None = None

    def send(self, task: str, args: tuple[Any, ...]) -> bool:
        """Publish `task`; return whether the broker took it. Never raises."""
        with self._lock:
            if time.monotonic() < self._resting_until:
                return False
            try:
                app.send_task(task, args=args, connection=self._connect(), retry=False, ignore_result=True)
            except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, the row stays
                logger.warning("wake-up %s not sent: %s", task, type(error).__name__)
                self._resting_until = time.monotonic() + PAUSE_AFTER_FAILURE_SECONDS
                self._connection = None
                return False
            return True

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = Connection(  # type: ignore[no-untyped-call]
                app.conf.broker_url,
                connect_timeout=SOCKET_TIMEOUT_SECONDS,
                transport_options={
                    **app.conf.broker_transport_options,
                    "socket_connect_timeout": SOCKET_TIMEOUT_SECONDS,
                    "socket_timeout": SOCKET_TIMEOUT_SECONDS,
                    "max_retries": 0,
                },
            )
        return self._connection

    def reset(self) -> None:
        """Forget the connection and any rest, as after a fork."""
        with self._lock:
            self._connection, self._resting_until = None, 0.0


wake_ups = WakeUps()


def after_commit(task: str, *args: Any) -> None:
    """Wake a worker for `task` once the open transaction is committed; arguments are ids and plain values."""
    transaction.on_commit(partial(wake_ups.send, task, args), robust=True)
