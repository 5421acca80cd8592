"""What a user asked to take away: all that is held on them, in one file."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models

from medivoy.core import clock
from medivoy.core.audit import audited
from medivoy.core.models import Record

FOLDER = "exports"


class ExportState(models.TextChoices):
    REQUESTED = "requested"
    READY = "ready"
    FAILED = "failed"
    GONE = "gone"


class AccountExportQuerySet(models.QuerySet["AccountExport"]):
    def visible_to(self, user: Any) -> Self:
        """One's own, and nobody else's."""
        return self.filter(user=user)

    def waiting(self) -> Self:
        return self.filter(state=ExportState.REQUESTED)

    def holding_files(self) -> Self:
        """Those of which a file lies stored, or may while a worker makes it."""
        return self.filter(state__in=[ExportState.REQUESTED, ExportState.READY])

    def outdated(self) -> Self:
        """Files whose time is over."""
        return self.filter(state=ExportState.READY, expires_at__lte=clock.now())

    def finished(self, before: datetime) -> Self:
        """Requests from before then of which no file is left."""
        return self.filter(state__in=[ExportState.GONE, ExportState.FAILED], created_at__lt=before)


def storage_path(export: "AccountExport", filename: str) -> str:
    """Return where the file lies: by ids alone, and by attempt, so that no worker writes what another one stored."""
    return f"{FOLDER}/{export.user_id}/{export.pk}-{export.attempts}.zip"


class AccountExport(Record):
    """One request; a task makes the ZIP, another deletes it when its time is over."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports")
    state = models.CharField(max_length=20, choices=ExportState.choices, default=ExportState.REQUESTED)
    file = models.FileField(upload_to=storage_path, max_length=255, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = AccountExportQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "account_exports"
        triggers = [*Record.Meta.triggers, audited("account_export")]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(state="requested"), name="one_open_export_a_user"
            ),
            models.CheckConstraint(condition=models.Q(state__in=ExportState.values), name="export_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"

    @property
    def stored_as(self) -> str:
        """Where its file lies; while it is made, where the last attempt puts it."""
        return self.file.name or storage_path(self, "")
