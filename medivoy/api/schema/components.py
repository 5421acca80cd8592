"""The parts of the schema that every operation shares: the envelope, its meta, the error, headers and parameters."""

from typing import Any

from django.conf import settings

Schema = dict[str, Any]

JSON = "application/json"

META_PROPERTIES: Schema = {
    "page": {"type": "integer", "minimum": 1},
    "limit": {"type": "integer", "minimum": 1, "maximum": 100},
    "total": {"type": "integer", "minimum": 0, "description": "A lower bound where `total_exact` is false."},
    "total_exact": {"type": "boolean", "description": "Counting stops at 1,000 unless `count=exact`."},
    "pages": {"type": "integer", "minimum": 0, "description": "A lower bound where `total_exact` is false."},
    "next_cursor": {"type": ["string", "null"], "description": "Leads on at any depth; null on the last page."},
}

ERROR: Schema = {
    "type": "object",
    "required": ["success", "message", "code"],
    "properties": {
        "success": {"type": "boolean", "const": False},
        "message": {"type": "string", "description": "For a person, in the language of the answer."},
        "code": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "description": "For a program; never translated."},
        "errors": {
            "type": "object",
            "description": "The complaints by field; nested fields are dotted.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "details": {"type": "object", "additionalProperties": True},
    },
}

HEADERS: Schema = {
    "X-Request-ID": {"description": "Quote it when you report a fault.", "schema": {"type": "string"}},
    "Content-Language": {"schema": {"type": "string"}},
    "ETag": {
        "description": "`<row version>.<body digest>`, in quotes; version 0 on lists.",
        "schema": {"type": "string"},
        "example": '"3.5d41402abc4b2a76b971"',
    },
    "RateLimit-Limit": {"schema": {"type": "integer"}},
    "RateLimit-Remaining": {"schema": {"type": "integer"}},
    "RateLimit-Reset": {"description": "Seconds until the count begins anew.", "schema": {"type": "integer"}},
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"schema": {"type": "string"}, "example": 'Bearer realm="api"'},
}


def parameter(name: str, location: str, description: str, schema: Schema) -> Schema:
    return {"name": name, "in": location, "description": description, "schema": schema}


TEXT: Schema = {"type": "string"}

PARAMETERS: dict[str, Schema] = {
    "lang": parameter(
        "lang",
        "query",
        "The language of the answer; else the user's own, else `Accept-Language`, else English.",
        {"type": "string", "enum": [code for code, _name in settings.LANGUAGES]},
    ),
    "request_id": parameter("X-Request-ID", "header", "Taken over where it is sane.", TEXT),
    "if_none_match": parameter("If-None-Match", "header", "The ETag of what you have: 304 while it is current.", TEXT),
    "if_match": parameter("If-Match", "header", "The ETag of what you read: 412 where the row has changed.", TEXT),
    "idempotency_key": parameter(
        "Idempotency-Key",
        "header",
        "Your name for this request. For 24 hours the same name and body get the first answer again.",
        {"type": "string", "minLength": 1, "maxLength": 255},
    ),
    "page": parameter("page", "query", "From 1; up to row 10,000.", {"type": "integer", "minimum": 1, "default": 1}),
    "limit": parameter(
        "limit", "query", "Rows a page; over 100 counts as 100.", {"type": "integer", "minimum": 1, "default": 20}
    ),
    "count": parameter("count", "query", "Count beyond 1,000.", {"type": "string", "enum": ["exact"]}),
    "cursor": parameter("cursor", "query", "`next_cursor` of the page before.", TEXT),
}


def reference(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}


def headers(*names: str) -> Schema:
    return {name: reference("headers", name) for name in ("X-Request-ID", "Content-Language", *names)}


def add_components(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """Put the shared parts into the schema: a hook that drf-spectacular runs at the end."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Error"] = ERROR
    for schema in components["schemas"].values():
        # One of several serializers, by who asks: the smaller one's answer fits the larger one's schema too.
        if "oneOf" in schema and "discriminator" not in schema:
            schema["anyOf"] = schema.pop("oneOf")
    components["headers"] = HEADERS
    components["parameters"] = PARAMETERS
    return result
