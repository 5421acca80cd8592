"""The outbox as those see it who look after delivery: what was told to whom, and what did not arrive."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.services.audit import record
from apps.notifications.models import Notification, State
from apps.notifications.services.delivery import send_again
from medivoy.admin import ModelAdmin, button


class StateFilter(admin.SimpleListFilter):
    """Sent, waiting, to be tried again, given up."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return State.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.in_state(self.value()) if self.value() in State.values else None


@admin.register(Notification)
class NotificationPage(ModelAdmin):
    """Read-only but for one button: what was given up may be sent again."""

    list_display = [
        "created_at",
        "title",
        "user",
        "channel",
        "shown_state",
        "attempts",
        "next_attempt_at",
        "last_error",
    ]
    list_filter = [StateFilter, "channel", "language"]
    search_fields = ["user__email", "title"]
    ordering = ["-created_at"]
    list_select_related = ["user"]
    actions_detail = ["resend"]
    # Everything but the link that lets in whoever holds it.
    fields = [
        "shown_state",
        "title",
        "message",
        "user",
        "address",
        "channel",
        "language",
        "type",
        "reference_type",
        "reference_id",
        "link",
        "attachments",
        "created_at",
        "sent_at",
        "attempts",
        "next_attempt_at",
        "failed_at",
        "last_error",
        "is_read",
        "read_at",
        "removed_at",
        "event_id",
    ]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        return Notification.objects.outbox_visible_to(request.user).defer("secret_link")

    @display(
        description=_("state"),
        label={State.SENT: "success", State.WAITING: "info", State.RETRYING: "warning", State.FAILED: "danger"},
    )
    def shown_state(self, row: Notification) -> tuple[str, Any]:
        return row.state, row.state.label

    def has_resend_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("notifications.resend_notification")

    @button(
        label=_("Send again"),
        permission="resend",
        text=_("The mail goes once more, to the address that its reader has now."),
        done=_("The mail will be sent in a moment."),
    )
    def resend(self, request: HttpRequest, form: Any, object_id: str) -> None:
        row = send_again(self.get_queryset(request).get(pk=object_id))
        record("resend", actor=request.user, entity="notification", entity_id=row.pk, subject=row.user_id)
