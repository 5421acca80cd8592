"""Who is writing, and in which request: set once at the door, read by the database and the logs."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

LONGEST_AGENT = 255
# What the audit trail calls whoever is no user.
ANONYMOUS, SYSTEM = "anonymous", "system"


@dataclass(frozen=True, slots=True)
class Origin:
    """The request at work: its id, and from where it came. All empty outside of requests."""

    request_id: str = ""
    ip: str = ""
    user_agent: str = ""


_actor: ContextVar[Any] = ContextVar("actor", default=None)
_origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 - it is frozen
# What PostgreSQL was last told in the open transaction; None where none was.
_told: ContextVar[list[str] | None] = ContextVar("told", default=None)

TELL = """
SELECT set_config('medivoy.actor', %s, true), set_config('medivoy.request_id', %s, true),
       set_config('medivoy.ip', %s, true), set_config('medivoy.user_agent', %s, true)
"""


def current_actor() -> Any:
    """Return the user who opened the writing context, or None outside one and for the system itself."""
    return _actor.get()


def origin() -> Origin:
    """Return the request at work in this thread."""
    return _origin.get()


def request_id() -> str:
    """Return the id of the request at work in this thread, or an empty text."""
    return _origin.get().request_id


def actor_word(actor: Any) -> str:
    """Return what the audit trail calls `actor`: a user's id, `anonymous` for nobody in a request, else `system`."""
    if actor is not None:
        return str(actor.pk)
    return ANONYMOUS if request_id() else SYSTEM


@contextmanager
def request_scope(identifier: str, *, ip: str = "", user_agent: str = "") -> Iterator[None]:
    """Make `identifier` the request id of everything inside, and let the audit trail know from where it came."""
    token = _origin.set(Origin(identifier, ip, user_agent.replace("\0", "")[:LONGEST_AGENT]))
    try:
        yield
    finally:
        _origin.reset(token)


@contextmanager
def writing(actor: Any) -> Iterator[None]:
    """Open a transaction in the name of `actor` (a user, or None for the system or for nobody in particular).

    Every door that writes opens one. Its first statement tells PostgreSQL who writes and in which request, for as
    long as the transaction lasts; the audit triggers read it there. Inside another it speaks for `actor` until its
    end, then the outer actor again.
    """
    came = origin()
    words = [actor_word(actor), came.request_id, came.ip, came.user_agent]
    outer = _told.get() if connection.in_atomic_block else None
    tokens = _actor.set(actor), _told.set(words)
    try:
        with transaction.atomic():
            _tell(words)
            yield
            if outer not in (None, words):
                _tell(outer)
    finally:
        _actor.reset(tokens[0])
        _told.reset(tokens[1])


def _tell(words: list[str] | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TELL, words)
