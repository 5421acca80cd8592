"""The one base of every endpoint: what an app's viewset declares, and the order in which a request is judged."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from django.db import DatabaseError
from django.db.models import Model, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from apps.accounts import roles
from medivoy.api import conditional, idempotency, limiter, refusals
from medivoy.api.envelope import ok
from medivoy.api.language import speak_to
from medivoy.core.context import writing
from medivoy.core.states import Machine

Policy = Callable[[Any, Any], bool]
Serializers = Mapping[str, type[BaseSerializer[Any]]]

READING = ("GET", "HEAD", "OPTIONS")


class BaseViewSet(GenericViewSet[Any]):
    """Parse, call a service, respond: an action is those lines, all else is declared here.

    docs/api-conventions.md shows one from end to end.
    """

    # The first half of each operation in roles.py; the second is the action's name.
    entity: ClassVar[str]
    # The model of the row that the address names, where what is answered are rows of another model below it.
    within: ClassVar[type[Model] | None] = None
    # The table of moves that the service asks which role makes which; for those who ask who may do it.
    moves: ClassVar[Mapping[str, Machine]] = {}
    # Action → predicate(user, row): asked by `get_object`, its refusal is 403.
    policies: ClassVar[Mapping[str, Policy]] = {}
    # Action → serializer of the body. Answers are written by `answers[action]`, else by `serializer_class`.
    serializers: ClassVar[Serializers] = {}
    answers: ClassVar[Mapping[str, Any]] = {}
    # Action → serializer of the query, read by `query()`, beside what a list's filters read.
    queries: ClassVar[Serializers] = {}
    # Actions that open their transactions themselves, because they call a gateway between two of them.
    own_transactions: ClassVar[Collection[str]] = ()
    # Actions that take an Idempotency-Key; they find `request.resource_id`.
    idempotent: ClassVar[Collection[str]] = ()
    # Actions that need a proven e-mail address.
    verified_email: ClassVar[Collection[str]] = ()
    # Actions that answer a list beside "list" itself.
    list_actions: ClassVar[Collection[str]] = ()
    # Action → names of the limits (settings.RATE_LIMITS) that it spends beside the general one.
    limits: ClassVar[Mapping[str, Collection[str]]] = {}
    # True where what everybody may read is the public catalogue: it counts in a wide rate of its own.
    catalogue: ClassVar[bool] = False
    # False where no general limit holds: webhooks, health.
    generally_limited: ClassVar[bool] = True

    # For the schema: statuses of success, where not 201 for "create" and 200 for the rest; refusals of the action's
    # own, by status; what the path's variables are where they are no ids; what a list's meta has beside the usual.
    statuses: ClassVar[Mapping[str, Collection[int]]] = {}
    refusals: ClassVar[Mapping[str, Mapping[int, Collection[str]]]] = {}
    path_parameters: ClassVar[Mapping[str, str]] = {}
    extra_meta: ClassVar[Mapping[str, Any]] = {}
    # Actions by PATCH or DELETE that take no If-Match, because they concern no one row.
    unversioned: ClassVar[Collection[str]] = ()

    filterset_class: ClassVar[Any] = None
    ordering_fields: ClassVar[Collection[str] | Mapping[str, str]] = ()
    ordering: ClassVar[Collection[str]] = ()
    search_fields: ClassVar[Collection[str]] = ()
    http_method_names = ["get", "post", "put", "patch", "delete", "head"]

    action: str | None
    found: Model | None = None

    # --- what an action uses -------------------------------------------------------------------------------------

    @property
    def operation(self) -> str | None:
        """The line of roles.py that this request is; None where the method has no action (405)."""
        return self.operation_of(self.action) if self.action in self.action_map_values else None

    @classmethod
    def operation_of(cls, action: str) -> str:
        return f"{cls.entity}.{action}"

    @property
    def action_map_values(self) -> Collection[str]:
        return (getattr(self, "action_map", None) or {}).values()

    @property
    def lists(self) -> bool:
        """Whether this request answers a list."""
        return self.action == "list" or self.action in self.list_actions

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows that the asker may see, with the columns that a list or a detail needs."""
        rows = self.queryset.all() if self.queryset is not None else self.model._default_manager.all()
        rows = rows.visible_to(self.request.user)
        shape = getattr(rows, "for_list" if self.lists else "for_detail", None)
        return shape() if shape else rows

    model: ClassVar[type[Model]]

    def get_object(self) -> Any:
        """Return the row of the URL: 404 where it is not theirs to see, 403 by policy, 412 by `If-Match`."""
        row = super().get_object()
        self.found = row
        if self.request.method in ("PATCH", "DELETE"):
            lock = self.action not in self.own_transactions
            self.request.expected_version = conditional.check_version(
                row, conditional.versions_expected(self.request), lock=lock
            )
        return row

    def row_above(self, rows: QuerySet[Any] | None = None, **key: Any) -> Any:
        """Return the row of the model `within` that the address names: 404 where it is not theirs to see, 403 by
        policy. `rows` brings the columns and joins that are wanted, `key` finds it by more than its id."""
        wanted = self.within._default_manager.all() if rows is None else rows
        row = get_object_or_404(wanted.visible_to(self.request.user), **(key or {"pk": self.kwargs["pk"]}))
        self.check_object_permissions(self.request, row)
        return row

    def payload(self, instance: Any = None) -> dict[str, Any]:
        """Return the body, checked by the action's serializer; 400 otherwise."""
        serializer = self.input_serializer(instance)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def query(self) -> dict[str, Any]:
        """Return the query, checked by the action's serializer; 400 otherwise."""
        serializer = self.queries[self.action](data=self.request.query_params, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    @classmethod
    def statuses_of(cls, action: str) -> Collection[int]:
        """Return the statuses of the action's success."""
        return cls.statuses.get(action, (201,) if action == "create" else (200,))

    def input_serializer(self, instance: Any = None) -> BaseSerializer[Any]:
        return self.serializers[self.action](
            instance,
            data=self.request.data,
            partial=self.request.method == "PATCH",
            context=self.get_serializer_context(),
        )

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return self.answers.get(self.action) or super().get_serializer_class()

    def represent(self, row: Any, many: bool = False) -> Any:
        """Return `row` (or rows) as the asker sees it."""
        return self.get_serializer(row, many=many).data

    def reread(self, row: Any) -> Any:
        """Return `row` as it now is in the database, as the asker sees it: for the answer of a write."""
        return self.represent(self.get_queryset().filter(pk=row.pk).first() or row)

    def page_of(self, rows: QuerySet[Any]) -> Response:
        """Answer a page of `rows`, filtered, searched and ordered as the viewset declares."""
        page = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response(self.represent(page, many=True))

    # --- the order in which a request is judged ------------------------------------------------------------------

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who is asking (401), how often (429), in which language, and whether their role may (403)."""
        self.format_kwarg = None
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        request.version = request.versioning_scheme = None
        request.expected_version = None
        self.receive(request)
        self.check_permissions(request)

    def receive(self, request: Request) -> None:
        """Find out who asks, count the request, and speak their language."""
        limiter.spend_before_answer(request, self)
        speak_to(request)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Judge, act inside the writing context, answer; an error leaves the transaction before it is answered."""
        self.args, self.kwargs = args, kwargs
        self.request = request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(request, *args, **kwargs)
            response = self._act(request)
        except Exception as error:  # noqa: BLE001 - every error has an answer in the contract's shape
            response = self._refuse(request, error)
        self.response = self.finalize_response(request, response, *args, **kwargs)
        return self.response

    def _refuse(self, request: Request, error: Exception) -> Response:
        """Answer an error, once the audit trail knows of it; where that cannot be written, the store is away: 503."""
        response = self.handle_exception(error)
        try:
            refusals.tell(request, response, self)
        except DatabaseError as away:
            return self.handle_exception(away)
        return response

    def _act(self, request: Request) -> HttpResponseBase:
        handler = getattr(self, request.method.lower(), self.http_method_not_allowed)
        if self.operation is None:
            return self.http_method_not_allowed(request, *self.args, **self.kwargs)
        if self.action in self.idempotent:
            return idempotency.answer_once(request, self._transaction, lambda: handler(request, **self.kwargs))
        with self._transaction():
            return handler(request, *self.args, **self.kwargs)

    def _transaction(self) -> AbstractContextManager[None]:
        if self.request.method in READING or self.action in self.own_transactions:
            return nullcontext()
        user = self.request.user
        return writing(user if user.is_authenticated else None)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        limiter.write_headers(request, response)
        if request.method in ("GET", "HEAD") and response.status_code == 200 and isinstance(response, Response):
            version = self._version_to_tag()
            if version is not None:
                conditional.tag_response(response, request, version)
        return response

    def _version_to_tag(self) -> int | None:
        """One object has its row's version, a public list 0, a private list none."""
        if self.lists:
            return 0 if roles.is_public(self.operation) else None
        return getattr(self.found, "version", None)


class ListMixin:
    """`GET /things`."""

    def list(self: Any, request: Request, **kwargs: Any) -> Response:
        """A page of the rows that the asker may see."""
        return self.page_of(self.get_queryset())


class RetrieveMixin:
    """`GET /things/:id`."""

    def retrieve(self: Any, request: Request, **kwargs: Any) -> Response:
        """One row, if the asker may see it."""
        return ok(self.represent(self.get_object()))
