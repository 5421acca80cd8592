"""The shape of every answer: `{"success", "message", "data", "meta"?}`, rendered by orjson."""

from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

OK = _("OK")
CREATED = _("Created.")
ACCEPTED = _("Accepted: this goes on in the background.")


def ok(data: Any = None, message: Any = OK, meta: dict[str, Any] | None = None, *, status: int = 200) -> Response:
    """Return the answer of a request that went well; `meta` stands on lists only."""
    body = {"success": True, "message": message, "data": data}
    if meta is not None:
        body["meta"] = meta
    return Response(body, status=status)


def created(data: Any, message: Any = CREATED) -> Response:
    """Return the answer of a POST that made a row: 201."""
    return ok(data, message, status=201)


def accepted(data: Any, message: Any = ACCEPTED) -> Response:
    """Return the answer of a request that a worker carries out: 202."""
    return ok(data, message, status=202)


def _plain(value: Any) -> Any:
    """Turn what orjson does not know into text: translated messages, Decimals, and whatever prints itself."""
    if isinstance(value, (Promise, Decimal)):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in an answer")


def to_json(body: Any) -> bytes:
    """Return the bytes of an answer: UTF-8, timestamps in UTC with `Z`."""
    return orjson.dumps(body, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class EnvelopeRenderer(BaseRenderer):
    """Writes the body as JSON; it wraps nothing, because `ok` and the exception handler already have."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else to_json(data)


class AlwaysJson(BaseContentNegotiation):
    """Every answer is JSON whatever `Accept` says: the contract knows no 406. PDF and ics are plain responses."""

    def select_parser(self, request: Request, parsers: list[Any]) -> Any:
        """Return the parser for the request's content type, or None: then the answer is 415."""
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(self, request: Request, renderers: list[Any], format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
