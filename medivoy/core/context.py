"""Who is writing, and in which request: set once at the door, read by the database and the logs."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction

_actor: ContextVar[Any] = ContextVar("actor", default=None)
_request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_actor() -> Any:
    """Return the user who opened the writing context, or None outside one and for the system itself."""
    return _actor.get()


def request_id() -> str:
    """Return the id of the request at work in this thread, or an empty text."""
    return _request_id.get()


@contextmanager
def request_scope(identifier: str) -> Iterator[None]:
    """Make `identifier` the request id of everything inside."""
    token = _request_id.set(identifier)
    try:
        yield
    finally:
        _request_id.reset(token)


@contextmanager
def writing(actor: Any) -> Iterator[None]:
    """Open a transaction in the name of `actor` (a user, or None for the system).

    Every door that writes opens one. Its first statement tells PostgreSQL who writes and in which request, for as
    long as the transaction lasts; triggers read it there.
    """
    token = _actor.set(actor)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('medivoy.actor', %s, true), set_config('medivoy.request_id', %s, true)",
                    [str(actor.pk) if actor is not None else "system", request_id()],
                )
            yield
    finally:
        _actor.reset(token)
