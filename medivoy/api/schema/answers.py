"""What an operation answers, when it goes well and when it does not."""

from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from apps.accounts import roles
from medivoy.api.exceptions import MESSAGE_OF_STATUS
from medivoy.api.schema.components import JSON, META_PROPERTIES, Schema, headers, reference

PUBLIC_CACHED = ("ETag",)
RATES = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
WRITING = ("POST", "PUT", "PATCH", "DELETE")
TOKEN_REFUSALS = ("not_authenticated", "authentication_failed", "token_expired", "token_invalid")


@dataclass(frozen=True)
class File:
    """The answer of an action that gives bytes and no envelope: `answers = {"pdf": File("application/pdf")}`.

    `File("*/*")` is of whatever type was once sent in.
    """

    media_type: str
    # Further types that the bytes may be of.
    others: tuple[str, ...] = ()


def envelope(data: Schema, extra_meta: Schema | None = None) -> Schema:
    """Return the schema of a success; `extra_meta` is not None on lists."""
    properties: Schema = {
        "success": {"type": "boolean", "const": True},
        "message": {"type": "string"},
        "data": data,
    }
    if extra_meta is not None:
        meta = META_PROPERTIES | extra_meta
        properties["meta"] = {"type": "object", "required": list(meta), "properties": meta}
    return {"type": "object", "required": list(properties), "properties": properties}


def success(status: int, schema: Schema, view: Any, *, tagged: bool) -> Schema:
    names = (*(PUBLIC_CACHED if tagged else ()), *(RATES if view.generally_limited else ()))
    return {
        "description": HTTPStatus(status).phrase,
        "headers": headers(*names),
        "content": {JSON: {"schema": schema}},
    }


def file_answer(status: int, file: File, view: Any) -> Schema:
    kinds = (file.media_type, *file.others)
    content = {kind: {"schema": {"type": "string", "contentMediaType": kind}} for kind in kinds}
    names = RATES if view.generally_limited else ()
    return {"description": HTTPStatus(status).phrase, "headers": headers(*names), "content": content}


def failure(status: int, codes: Collection[str]) -> Schema:
    """Return the answer of a refusal, with an example for each code."""
    names = {401: ("WWW-Authenticate",), 429: ("Retry-After", *RATES), 503: ("Retry-After",)}.get(status, ())
    schema = {"allOf": [reference("schemas", "Error"), {"properties": {"code": {"enum": sorted(codes)}}}]}
    return {
        "description": str(MESSAGE_OF_STATUS[status]),
        "headers": headers(*names),
        "content": {JSON: {"schema": schema, "examples": {code: example(status, code) for code in sorted(codes)}}},
    }


def example(status: int, code: str) -> Schema:
    body: Schema = {"success": False, "message": str(MESSAGE_OF_STATUS[status]), "code": code}
    if code == "validation_error":
        body["errors"] = {"field": ["..."]}
    if code == "illegal_transition":
        body["details"] = {"current": "requested", "allowed": ["under_review", "cancelled"]}
    return {"value": body}


def refusals(view: Any, method: str, path: str, *, has_body: bool) -> dict[int, set[str]]:
    """Return every status and code that the operation can be refused with: the kernel's, then the view's own."""
    operation = view.operation_of(view.action)
    private = not roles.is_public(operation)
    known = bool(view.authentication_classes)
    one_row, writes = "{" in path, method in WRITING
    versioned = method in ("PATCH", "DELETE") and view.action not in view.unversioned
    possible: list[tuple[Any, int, Collection[str]]] = [
        (True, 400, ("bad_request",)),
        (has_body or view.lists or one_row or writes or view.queries, 400, ("validation_error",)),
        (view.lists, 400, ("use_cursor", "invalid_cursor")),
        (has_body, 400, ("malformed_json",)),
        (known, 401, TOKEN_REFUSALS),
        (private, 403, ("permission_denied",)),
        (known and operation not in roles.BEFORE_SECOND_FACTOR, 403, ("mfa_required",)),
        (view.action in view.verified_email, 403, ("email_not_verified",)),
        (one_row, 404, ("not_found",)),
        (writes and private, 409, ("conflict",)),
        (view.action in view.idempotent, 409, ("idempotency_key_reused", "idempotency_in_progress")),
        (versioned, 412, ("version_mismatch",)),
        (has_body, 413, ("payload_too_large",)),
        (has_body, 415, ("unsupported_media_type",)),
        (view.generally_limited or view.action in view.limits, 429, ("rate_limited",)),
        (True, 503, ("unavailable",)),
    ]
    found: dict[int, set[str]] = {}
    for happens, status, codes in possible:
        if happens:
            found.setdefault(status, set()).update(codes)
    for status, codes in view.refusals.get(view.action, {}).items():
        found.setdefault(status, set()).update(codes)
    return found
