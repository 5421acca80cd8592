"""One's own notifications."""

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from apps.notifications.api.filters import NotificationFilter
from apps.notifications.api.serializers import Marked, NotificationSerializer
from apps.notifications.models import Notification
from apps.notifications.services import inbox
from medivoy.api.envelope import ok
from medivoy.api.viewsets import BaseViewSet


class NotificationViewSet(BaseViewSet):
    entity = "notification"
    model = Notification
    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter
    ordering_fields = ["created_at"]
    ordering = ["-created_at"]
    extra_meta = {"unread_count": {"type": "integer", "minimum": 0, "description": "Whatever the filters."}}
    answers = {"read_all": Marked}
    unversioned = ["read_all"]

    def list(self, request: Request) -> Response:
        """News of one's own, newest first; `meta.unread_count` counts all that is unread, whatever the filters."""
        response = self.page_of(self.get_queryset())
        response.data["meta"]["unread_count"] = Notification.objects.visible_to(request.user).unread().count()
        return response

    def read(self, request: Request, pk: str) -> Response:
        """Mark one as read."""
        return ok(self.reread(inbox.mark_read(self.get_object(), actor=request.user)), _("Marked as read."))

    def read_all(self, request: Request) -> Response:
        """Mark all as read; answers how many were not yet."""
        return ok({"marked": inbox.mark_all_read(actor=request.user)}, _("All marked as read."))

    def destroy(self, request: Request, pk: str) -> Response:
        """Take one out of one's list."""
        inbox.remove(self.get_object(), actor=request.user)
        return ok(None, _("Removed."))
