"""A door of the tests' own over the catalogue's treatments, with every feature that the kernel offers."""

import django_filters
from django.urls import include, path, re_path
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from apps.hospitals.models import Treatment
from medivoy.api import fallbacks, filters
from medivoy.api.envelope import accepted, created, ok
from medivoy.api.fields import PlainTextField
from medivoy.api.viewsets import BaseViewSet, ListMixin, RetrieveMixin

handler400 = fallbacks.bad_request
handler404 = fallbacks.page_not_found
handler500 = fallbacks.server_error

OPERATIONS = {
    "door.list": "*",
    "door.retrieve": "*",
    "door.create": "P A",
    "door.partial_update": "P A",
    "door.destroy": "A",
    "door.mine": "any",
    "door.raising": "*",
    "door.outside": "P",
}

# What `raising` raises, by the test that asks for it; and how often `create` was really run.
to_raise: list[Exception] = []
runs: list[str] = []
before_answer: list = []


class Out(serializers.ModelSerializer):
    class Meta:
        model = Treatment
        fields = ("id", "name", "category", "duration_days", "created_at")


class In(serializers.Serializer):
    name = PlainTextField(max_length=50)
    category = PlainTextField(required=False, max_length=20)


class Made(serializers.Serializer):
    id = serializers.UUIDField()


# What test_errors.py raises.
ANYTHING = {
    400: ("validation_error", "bad_request", "malformed_json", "amount_not_due"),
    401: ("invalid_credentials",),
    403: ("permission_denied", "email_not_verified"),
    404: ("not_found",),
    409: ("conflict", "slot_taken", "illegal_transition", "stale_status", "deposit_missing"),
    412: ("version_mismatch",),
    413: ("payload_too_large",),
    415: ("unsupported_media_type",),
}


class Filters(filters.FilterSet):
    category = filters.TextFilter()
    kind = filters.ChoiceFilter(field_name="category", choices=[("heart", "Heart"), ("eye", "Eye")])
    is_global = filters.FlagFilter()
    since = filters.InstantFilter(field_name="created_at", lookup_expr="gte")
    on = filters.DayFilter(field_name="created_at", lookup_expr="date")
    country = filters.CountryFilter(field_name="category")
    other_id = filters.IdFilter(field_name="id")
    days_max = django_filters.NumberFilter(field_name="duration_days", lookup_expr="lte")


class DoorViewSet(ListMixin, RetrieveMixin, BaseViewSet):
    entity = "door"
    model = Treatment
    serializer_class = Out
    serializers = {"create": In, "partial_update": In}
    policies = {"partial_update": lambda user, row: row.category != "locked"}
    filterset_class = Filters
    ordering_fields = ("name", "duration_days", "created_at", "category")
    ordering = ("-created_at",)
    search_fields = ("name", "category")
    idempotent = ("create", "outside")
    verified_email = ("create",)
    own_transactions = ("outside",)
    list_actions = ("mine",)
    statuses = {"outside": (202,)}
    answers = {"outside": Made}
    refusals = {"raising": ANYTHING}

    def create(self, request) -> Response:
        """Make one."""
        body = self.payload()
        runs.append(body["name"])
        row = Treatment.objects.create(id=request.resource_id, **body)
        for act in before_answer:
            act(request)
        return created(self.reread(row))

    def partial_update(self, request, pk) -> Response:
        """Change one."""
        row = self.get_object()
        for name, value in self.payload(row).items():
            setattr(row, name, value)
        row.save()
        return ok(self.reread(row))

    def destroy(self, request, pk) -> Response:
        """Take one off."""
        row = self.get_object()
        row.is_active = False
        row.save(update_fields=["is_active"])
        return ok(None)

    def mine(self, request) -> Response:
        """A list that is not public."""
        return self.page_of(self.get_queryset())

    def raising(self, request) -> Response:
        """Raise what the test wants."""
        raise to_raise[0]

    def outside(self, request) -> Response:
        """Work with a gateway between two transactions."""
        runs.append(str(request.resource_id))
        for act in before_answer:
            act(request)
        return accepted({"id": request.resource_id})


def plain(request):
    """A view that is none of DRF's."""
    raise to_raise[0]


router = SimpleRouter(trailing_slash=False)
router.register("doors", DoorViewSet, basename="door")

urlpatterns = [
    path("api/v1/doors/mine", DoorViewSet.as_view({"get": "mine"})),
    path("api/v1/doors/raising", DoorViewSet.as_view({"get": "raising", "post": "raising"})),
    path("api/v1/doors/outside", DoorViewSet.as_view({"post": "outside"})),
    path("api/v1/plain", plain),
    path("api/v1/", include(router.urls)),
    path("api/v1/", include("medivoy.api.urls")),
    path("api/", include("medivoy.api.schema.urls")),
    re_path(r"^api(?:/|$)", fallbacks.unknown_address),
]
