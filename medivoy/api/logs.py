"""What a log line is: the request's id in it, and nothing that somebody typed or that opens a door (T60).

In production it is one JSON object a line, on `make run` a line for the eye. Whatever is logged passes `cut`, and
traces are written without values: the database names the row that it refuses, and libraries quote what they were given.
"""

import logging
import re
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from pythonjsonlogger.orjson import OrjsonFormatter

from medivoy.core.context import request_id

logger = logging.getLogger("medivoy.requests")

CUT = "…"
# What a pattern finds is replaced by its second half.
CUTS = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # The backslash is of an error that was quoted as Python writes it.
        (r"(?s)(?:\b|(?<=\\n))(DETAIL|CONTEXT|LINE \d+):.*", rf"\1: {CUT}"),
        (r"(?s)The full contents of the message (?:body|headers).*", CUT),
        (r"(?s)Key \(([^)]*)\)=\(.*?\)(?= (?:already|is not|is still|conflicts))", rf"Key (\1)=({CUT})"),
        (r"(?s)Failing row contains .*", f"Failing row contains {CUT}"),
        (r"(?i)\b(bearer|basic) [\w.~+/=-]{6,}", rf"\1 {CUT}"),
        (r"://[^\s/@'\"]+@", f"://{CUT}@"),
        (r"\?[\w.%~-]+=[^\s'\")>]*", f"?{CUT}"),
        (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", CUT),
        (r"\+\d[\d ()-]{6,}\d", CUT),
        # Tokens: long, of letters in both cases and digits, or long and hexadecimal. Ids of rows have dashes.
        (r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{22,}", CUT),
        (r"(?<![\w-])[0-9a-f]{40,}(?![\w-])", CUT),
    )
]
# What an error quotes is often what somebody sent; names of columns and keys are shorter.
LONG_QUOTE = re.compile(r"(?s)(['\"]).{41,}\1")
ANY_QUOTE = re.compile(r"(?s): \".*")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Variables of addresses that are secrets, whatever they look like.
SECRET_VARIABLES = ("token", "secret", "code", "signature")


def cut(text: str) -> str:
    """Return `text` without what opens a door or names a person."""
    for pattern, replacement in CUTS:
        text = pattern.sub(replacement, text)
    return text


def one_line(text: str) -> str:
    """Return `text` with what moves a line or a terminal written out: a value begins no line of its own."""
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def words_of(error: BaseException) -> str:
    """Return what an error says, without values: of the database's only the first line, which names its rule."""
    said = str(error)
    if isinstance(error, DatabaseError | psycopg.Error):
        said = ANY_QUOTE.sub(f": {CUT}", said.partition("\n")[0])
    return one_line(cut(LONG_QUOTE.sub(rf"\1{CUT}\1", said)))


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """Yield the error after those that led to it."""
    chain: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in chain:
        chain.append(found)
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return reversed(chain)


def trace_of(error: BaseException) -> str:
    """Return the trace of an error and of what led to it: files, lines and code; no local values."""
    return "\n".join(
        f"{''.join(traceback.format_tb(found.__traceback__))}{type(found).__qualname__}: {words_of(found)}"
        for found in chain_of(error)
    )


class RequestIdFilter(logging.Filter):
    """Gives each record `request_id`, a dash outside of requests.

    Django logs some answers when the request is over already; those records bring the request along.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        record.request_id = request_id() or getattr(request, "request_id", "-")
        return True


class LineFormatter(logging.Formatter):
    """A line for the eye; a trace stands below it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging names it
        record.message = one_line(cut(record.message))
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging names it
        return trace_of(ei[1]) if ei[1] else ""


class JsonFormatter(OrjsonFormatter):
    """One object a line. What else a library hangs on a record, such as a task's arguments, is left out."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        moment = datetime.fromtimestamp(record.created, UTC)
        log_data.update(
            time=moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            level=record.levelname,
            logger=record.name,
            request_id=getattr(record, "request_id", "-"),
            message=cut(record.getMessage()),
            **getattr(record, "request_facts", {}),
        )
        if message_dict.get("exc_info"):
            log_data["trace"] = message_dict["exc_info"]

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging names it
        return trace_of(ei[1]) if ei[1] else ""


def path_of(request: HttpRequest) -> str:
    """Return a request's path as it may be logged: no query, no line breaks, no secret."""
    path = request.path_info
    match = request.resolver_match
    for name, value in (match.captured_kwargs or {}).items() if match else ():
        if name in SECRET_VARIABLES:
            path = path.replace(str(value), CUT)
    return cut(path.encode("unicode_escape").decode())


def user_id_of(request: HttpRequest) -> str | None:
    """Return who asked, where that was found out anyway: nobody is looked up for a log line."""
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return str(user.pk) if user is not None and user.is_authenticated else None


def write_access(request: HttpRequest, response: HttpResponse, began: float) -> None:
    """Write the one line of a request that was answered; `began` is of `time.perf_counter`."""
    facts = {
        "method": request.method,
        "path": path_of(request),
        "status": response.status_code,
        "milliseconds": round((time.perf_counter() - began) * 1000),
        "user_id": user_id_of(request),
    }
    line = "%(method)s %(path)s %(status)s %(milliseconds)s ms"
    logger.info(line, facts, extra={"request_facts": facts})
