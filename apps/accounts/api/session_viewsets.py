"""On what devices one is signed in: `/auth/sessions`."""

import uuid
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import RefreshToken
from apps.accounts.services.devices import device_label
from apps.accounts.services.sessions import end_session
from medivoy.api.envelope import ok
from medivoy.api.fields import InstantField
from medivoy.api.viewsets import BaseViewSet, ListMixin
from medivoy.core.errors import Missing


class SessionOut(serializers.ModelSerializer[RefreshToken]):
    """A sign-in. Neither its token nor what is kept of it is ever shown (T5)."""

    id = serializers.UUIDField(source="family", read_only=True)
    device = serializers.SerializerMethodField(help_text="What the client calls itself, in words.")
    signed_in_at = InstantField(read_only=True)
    last_activity = InstantField(source="last_activity_at", read_only=True, help_text="To the minute.")
    expires_at = InstantField(read_only=True, help_text="Unless it is renewed.")
    is_current = serializers.SerializerMethodField(help_text="Whether this request was made in it.")

    class Meta:
        model = RefreshToken
        fields = (
            "id",
            "device",
            "ip",
            "signed_in_at",
            "last_activity",
            "expires_at",
            "is_current",
            "second_factor",
        )
        read_only_fields = fields

    def get_device(self, link: RefreshToken) -> str:
        return device_label(link.user_agent)

    def get_is_current(self, link: RefreshToken) -> bool:
        return bool(link.family == getattr(self.context["request"].auth, "sid", None))


class SessionViewSet(ListMixin, BaseViewSet):
    """One's own sign-ins, always as PostgreSQL has them: a revoked one is gone at once."""

    entity = "session"
    model = RefreshToken
    serializer_class = SessionOut
    answers = {"destroy": None}
    ordering_fields = {"signed_in_at": "signed_in_at", "last_activity": "last_activity_at"}
    ordering = ("-last_activity_at",)
    # A sign-in has no version: it lives or is over.
    unversioned = ("destroy",)

    def get_queryset(self) -> Any:
        return super().get_queryset().live()

    def list(self, request: Request) -> Response:
        """The devices on which one is signed in.

        The console's own sign-ins are not among them; they end with another password, or with a logout of all.
        """
        return super().list(request)

    def destroy(self, request: Request, pk: uuid.UUID) -> Response:
        """End one of one's own sign-ins, on whatever device; its tokens open nothing from then on."""
        if not end_session(request.user, family=pk):
            raise Missing
        return ok(message=_("This device is signed out."))
