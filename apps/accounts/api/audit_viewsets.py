"""The door to the audit trail: `GET /audit-logs`."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.audit_serializers import AuditLogOut, TrailQuery
from apps.accounts.models import AuditEntry, User
from apps.accounts.services.audit import record
from apps.accounts.services.audit_reading import MONGODB, POSTGRESQL, Place, Trail, TrailRow, Wish, ask_trail
from medivoy.api.pagination import Pages, make_cursor, read_cursor
from medivoy.api.viewsets import BaseViewSet
from medivoy.core.errors import InvalidInput


class TrailPages(Pages):
    """Pages of whichever store answers. A cursor by number leads on in both; one by key, of what was not sealed yet,
    in PostgreSQL alone."""

    columns = ("sequence", "id")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[TrailRow]:
        """Return a page of the entries `queryset`, as far as `view.wish` finds them."""
        self.read(request)
        cursor = request.query_params.get("cursor", "")
        place = self._place_of(cursor) if cursor else None
        start = None if place else self.first_row(request)
        unsealed = place is not None and place.column == "id"
        return ask_trail(view.wish, lambda trail: self._cut(trail, start, place), rows=queryset, unsealed=unsealed)

    def _place_of(self, cursor: str) -> Place:
        for column in self.columns:
            try:
                (value,), self.page = read_cursor(cursor, [f"-{column}"])
            except InvalidInput:
                continue
            if isinstance(value, int):
                return Place(column, value)
        raise InvalidInput({"cursor": [_("This cursor does not belong to this list.")]}, code="invalid_cursor")

    def _cut(self, trail: Trail, start: int | None, place: Place | None) -> list[TrailRow]:
        self.source = trail.source
        wanted = self.limit + 1
        rows = trail.beyond(place, wanted) if place else trail.cut(start or 0, wanted)
        self.more = len(rows) > self.limit
        rows = rows[: self.limit]
        self.count(start, len(rows), trail.count)
        column = place.column if place else "sequence" if trail.source == MONGODB else "id"
        self.next_cursor = make_cursor([f"-{column}"], rows[-1], self.page + 1) if self.more else None
        return rows

    @property
    def meta(self) -> dict[str, Any]:
        return {**super().meta, "source": self.source}


class AuditLogViewSet(BaseViewSet):
    """The audit trail, for those who watch over the platform."""

    entity = "audit_log"
    model = AuditEntry
    serializer_class = AuditLogOut
    pagination_class = TrailPages
    queries = {"list": TrailQuery}
    extra_meta = {
        "source": {
            "type": "string",
            "enum": [MONGODB, POSTGRESQL],
            "description": "What was read: the copy, or the trail itself where the copy is away or behind.",
        }
    }

    def list(self, request: Request) -> Response:
        """What happened, the newest first.

        The copy in MongoDB has what is sealed, and so is up to a minute behind; `meta.source` tells which store
        answered. Following `next_cursor` shows each entry once, whatever is added meanwhile. The look is itself an
        entry of the trail.
        """
        self.wish = self._wish()
        rows = self.paginate_queryset(self.get_queryset())
        self._note_look()
        return self.get_paginated_response(self.represent(with_names(rows, asker=request.user), many=True))

    def _wish(self) -> Wish:
        asked = dict(self.query())
        kind, row = asked.pop("entity", ("", ""))
        return Wish(actor=asked.pop("user", ""), entity_type=kind, entity_id=row, **asked)

    def _note_look(self) -> None:
        """Say in the trail who looked, for what, and at whom."""
        wish = self.wish
        what = f"{wish.entity_type}:{wish.entity_id}" if wish.entity_id else wish.entity_type
        asked = sorted(set(TrailQuery().fields) & set(self.request.query_params))
        record(
            "read",
            actor=self.request.user,
            entity=self.entity,
            entity_id=what,
            subject=_id_of(wish.actor),
            fields=asked,
        )


def with_names(rows: Sequence[TrailRow], *, asker: User) -> list[dict[str, Any]]:
    """Return the rows with the users who did it, read in one query."""
    ids = {row.actor for row in rows if _id_of(row.actor)}
    users = {str(user.pk): user for user in User.objects.visible_to(asker).filter(pk__in=ids)}
    return [{**asdict(row), "user": users.get(row.actor)} for row in rows]


def _id_of(actor: str) -> uuid.UUID | None:
    """Return the user's id that `actor` is; None for a word."""
    try:
        return uuid.UUID(actor)
    except ValueError:
        return None
