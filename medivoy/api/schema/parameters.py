"""The parameters of an operation: in its path, in its query, in its headers."""

from typing import Any

import uritemplate

from medivoy.api import filters
from medivoy.api.schema.components import Schema, parameter, reference

UUID: Schema = {"type": "string", "format": "uuid"}
TEXT: Schema = {"type": "string"}

# What a filter takes, the nearest ancestor first.
FILTERS: list[tuple[type, Schema]] = [
    (filters.FlagFilter, {"type": "boolean"}),
    (filters.IdFilter, UUID),
    (filters.InstantFilter, {"type": "string", "format": "date-time"}),
    (filters.DayFilter, {"type": "string", "format": "date"}),
    (filters.CountryFilter, {"type": "string", "description": "ISO 3166 alpha-2, or the English name."}),
    (filters.django_filters.NumberFilter, {"type": "number"}),
]


def filter_schema(one: Any) -> Schema:
    """Return what the filter takes."""
    choices = one.extra.get("choices")
    if choices:
        return {"type": "string", "enum": [value for value, _label in (choices() if callable(choices) else choices)]}
    return dict(next((schema for kind, schema in FILTERS if isinstance(one, kind)), TEXT))


def of_filters(view: Any) -> list[Schema]:
    """Return the parameters that narrow, search and order a list, and those that cut it into pages."""
    found = []
    if view.filterset_class is not None:
        for name, one in view.filterset_class.base_filters.items():
            about = str(one.extra.get("help_text", "") or "")
            found.append(parameter(name, "query", about, filter_schema(one)) | {"required": one.extra["required"]})
    if view.search_fields:
        found.append(parameter("search", "query", "Every word must be in the row.", {**TEXT, "maxLength": 200}))
    fields = list(view.ordering_fields)
    if fields:
        words = f"One or more of {', '.join(fields)}, with commas between; a minus turns one round."
        found.append(parameter("ordering", "query", words, {**TEXT, "pattern": r"^-?\w+(,-?\w+)*$"}))
    return [*found, *(reference("parameters", name) for name in ("page", "limit", "count", "cursor"))]


def of_path(view: Any, path: str, path_regex: str) -> list[Schema]:
    """Return the variables of the path; they are ids unless the view's `path_parameters` says otherwise."""
    found = []
    for name in uritemplate.variables(path):
        words = view.path_parameters.get(name, "")
        schema = TEXT if words else UUID
        found.append(parameter(name, "path", words, schema) | {"required": True})
    return found


def of_headers(view: Any, method: str, *, tagged: bool) -> list[Schema]:
    """Return the headers that the operation heeds, and the language."""
    names = ["lang", "request_id"]
    if tagged:
        names.append("if_none_match")
    if method in ("PATCH", "DELETE") and view.action not in view.unversioned:
        names.append("if_match")
    if view.action in view.idempotent:
        names.append("idempotency_key")
    return [reference("parameters", name) for name in names]
