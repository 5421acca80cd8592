"""Pages: `page` and `limit` near the beginning, `cursor` at any depth; counting stops at a thousand.

A cursor is the ordering and the last row's values, signed. It walks by comparison (keyset), so the millionth row costs
what the first does, and rows that come or go meanwhile shift nothing.
"""

import re
from collections.abc import Callable
from typing import Any

from django.core import signing
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from medivoy.api.envelope import ok, to_json
from medivoy.core.errors import InvalidInput

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100
COUNT_CAP = 1_000
LAST_ROW_BY_PAGE = 10_000
NUMBER = re.compile(r"[0-9]{1,15}")
SIGNER = signing.Signer(salt="medivoy.api.cursor")


def read_number(request: Request, name: str, default: int) -> int:
    """Return a query parameter that counts from 1; 400 for anything else."""
    text = request.query_params.get(name)
    if text is None or text == "":
        return default
    if not NUMBER.fullmatch(text) or int(text) < 1:
        raise InvalidInput({name: [_("This must be a whole number from 1.")]})
    return int(text)


def wants_exact_count(request: Request) -> bool:
    text = request.query_params.get("count", "")
    if text not in ("", "exact"):
        raise InvalidInput({"count": [_("This can only be: exact.")]})
    return text == "exact"


def value_of(row: Any, column: str) -> Any:
    """Return what `row`, a model or a dict of values, has in `column` (double underscores lead to related rows)."""
    if isinstance(row, dict):
        return row["id"] if column == "pk" else row[column]
    for name in column.split("__"):
        row = getattr(row, name) if row is not None else None
    return row


def make_cursor(terms: list[str], row: Any, page: int) -> str:
    """Return the cursor that leads on from `row`, the last one of a page."""
    values = [value_of(row, term.lstrip("-")) for term in terms]
    return SIGNER.sign_object([terms, values, page], serializer=CursorJson)


class CursorJson:
    """How a cursor's values are written: as the answers themselves are."""

    def dumps(self, obj: Any) -> bytes:
        return to_json(obj)

    def loads(self, data: bytes) -> Any:
        return signing.JSONSerializer().loads(data)


def read_cursor(text: str, terms: list[str]) -> tuple[list[Any], int]:
    """Return the values to go on after, and the number of the page; 400 for a cursor that is not ours or not this
    list's."""
    try:
        ours, values, page = SIGNER.unsign_object(text, serializer=CursorJson)
    except Exception as error:
        raise _bad_cursor() from error
    if ours != terms or len(values) != len(terms):
        raise _bad_cursor()
    return values, page


def _bad_cursor() -> InvalidInput:
    return InvalidInput({"cursor": [_("This cursor does not belong to this list.")]}, code="invalid_cursor")


def may_be_null(model: type[Model], column: str) -> bool:
    """Whether nulls can stand in `column`; of what is not a plain column of the model, suppose so."""
    if column == "pk":
        return False
    try:
        return model._meta.get_field(column).null
    except FieldDoesNotExist:
        return True


def after(model: type[Model], terms: list[str], values: list[Any]) -> Q:
    """Return the condition for rows that come later than `values`, where PostgreSQL puts nulls: last going up, first
    going down."""
    later, equal = Q(), Q()
    for term, value in zip(terms, values, strict=True):
        column, down = term.lstrip("-"), term.startswith("-")
        if value is None:
            beyond = Q(**{f"{column}__isnull": False}) if down else None
            same = Q(**{f"{column}__isnull": True})
        else:
            beyond, same = Q(**{f"{column}__{'lt' if down else 'gt'}": value}), Q(**{column: value})
            if not down and may_be_null(model, column):
                beyond |= Q(**{f"{column}__isnull": True})
        if beyond is not None:
            later |= equal & beyond
        equal &= same
    return _bound(model, terms[0], values[0]) & later


def _bound(model: type[Model], term: str, value: Any) -> Q:
    """Say again where the first column begins: from an OR alone the planner does not see that an index helps."""
    column, down = term.lstrip("-"), term.startswith("-")
    if value is None or (not down and may_be_null(model, column)):
        return Q()
    return Q(**{f"{column}__{'lte' if down else 'gte'}": value})


class Pages(BasePagination):
    """Cuts a list, and tells in `meta` where one is in it."""

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        self.read(request)
        terms = [str(term) for term in queryset.query.order_by]
        cursor = request.query_params.get("cursor", "")
        if cursor:
            rows, start = self._walk(queryset, terms, cursor), None
        else:
            rows, start = self._jump(queryset, request)
        self.more = len(rows) > self.limit
        rows = rows[: self.limit]
        counted = queryset.order_by().values("pk")
        self.count(start, len(rows), lambda most: counted[:most].count())
        self.next_cursor = make_cursor(terms, rows[-1], self.page + 1) if self.more else None
        return rows

    def read(self, request: Request) -> None:
        """Read how long a page is, and whether everything is to be counted."""
        self.limit = min(read_number(request, "limit", DEFAULT_LIMIT), LARGEST_LIMIT)
        self.wants_exact = wants_exact_count(request)

    def _walk(self, queryset: QuerySet[Any], terms: list[str], cursor: str) -> list[Any]:
        values, self.page = read_cursor(cursor, terms)
        try:
            return list(queryset.filter(after(queryset.model, terms, values))[: self.limit + 1])
        except (ValidationError, ValueError, TypeError) as error:
            raise _bad_cursor() from error

    def _jump(self, queryset: QuerySet[Any], request: Request) -> tuple[list[Any], int]:
        start = self.first_row(request)
        return list(queryset[start : start + self.limit + 1]), start

    def first_row(self, request: Request) -> int:
        """Return the number of rows before the page that is asked for; 400 `use_cursor` far down."""
        self.page = read_number(request, "page", 1)
        start = (self.page - 1) * self.limit
        if start >= LAST_ROW_BY_PAGE:
            message = _("Rows this far down are reached with the cursor of the page before.")
            raise InvalidInput({"page": [message]}, message, code="use_cursor")
        return start

    def count(self, start: int | None, shown: int, count: Callable[[int | None], int]) -> None:
        """Set total and whether it is exact; `count(most)` counts the rows and stops at `most`. A page that shows the
        end has counted by itself."""
        if start is not None and not self.more and (shown or not start):
            self.total, self.exact = start + shown, True
            return
        self.total = count(None if self.wants_exact else COUNT_CAP + 1)
        self.exact = self.wants_exact or self.total <= COUNT_CAP
        if not self.exact:
            self.total = max(COUNT_CAP, (start or 0) + shown)

    @property
    def meta(self) -> dict[str, Any]:
        return {
            "page": self.page,
            "limit": self.limit,
            "total": self.total,
            "total_exact": self.exact,
            "pages": -(-self.total // self.limit),
            "next_cursor": self.next_cursor,
        }

    def get_paginated_response(self, data: Any) -> Response:
        return ok(data, meta=self.meta)
