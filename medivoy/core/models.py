"""What every table has in common."""

import pgtrigger
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from medivoy.core import clock
from medivoy.core.ids import uuid7


def touch() -> pgtrigger.Trigger:
    """Return the trigger that keeps `version` and `updated_at` of a mutable row, whoever writes it."""
    return pgtrigger.Trigger(
        name="touch",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func="NEW.version = OLD.version + 1; NEW.updated_at = clock_timestamp(); RETURN NEW;",
    )


def no_truncate() -> pgtrigger.Trigger:
    """Return the trigger that refuses to empty a table."""
    return pgtrigger.Trigger(
        name="no_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'cannot truncate %', TG_TABLE_NAME;",
    )


def append_only() -> list[pgtrigger.Trigger]:
    """Return the triggers that let rows be added to a table and refuse all else, TRUNCATE included."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        no_truncate(),
    ]


def kept() -> list[pgtrigger.Trigger]:
    """Return the triggers that refuse to delete a row, TRUNCATE included."""
    return [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete), no_truncate()]


class Entry(models.Model):
    """A row that is written once: an id that sorts by time, and when it was made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    class Meta:
        abstract = True

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.pk}>"


class Record(Entry):
    """A row that changes: `version` counts its changes and `updated_at` dates the last one, both by trigger."""

    updated_at = models.DateTimeField(default=clock.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(Entry.Meta):
        abstract = True
        triggers = [touch()]

    def refresh_version(self) -> None:
        """Read back what the trigger wrote."""
        self.refresh_from_db(fields=["version", "updated_at"])


class Counter(models.Model):
    """The last number given out of a gapless series; its row is locked until the issuing transaction ends."""

    series = models.CharField(max_length=64, primary_key=True)
    value = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "counters"

    def __str__(self) -> str:
        return f"{self.series}: {self.value}"


class TaskRunQuerySet(models.QuerySet["TaskRun"]):
    def begin(self, task: str) -> None:
        """Note that a run of `task` begins now."""
        self.bulk_create(
            [TaskRun(task=task, started_at=clock.now())],
            update_conflicts=True,
            unique_fields=["task"],
            update_fields=["started_at"],
        )

    def finish(self, task: str, result: str) -> None:
        """Note that it ended well, and what it did."""
        self.filter(pk=task).update(
            finished_at=clock.now(), result=result[:RESULT_LENGTH], has_failed=False, runs=F("runs") + 1
        )

    def fail(self, task: str, error: str) -> None:
        """Note that it broke off."""
        now = clock.now()
        self.filter(pk=task).update(
            finished_at=now,
            result=error[:RESULT_LENGTH],
            has_failed=True,
            failed_at=now,
            runs=F("runs") + 1,
            failures=F("failures") + 1,
        )


RESULT_LENGTH = 200


class TaskRun(models.Model):
    """When a periodic task last ran, and what it did: one row a task, for those who look after the platform."""

    task = models.CharField(_("task"), max_length=100, primary_key=True)
    started_at = models.DateTimeField(_("last started"))
    finished_at = models.DateTimeField(_("last finished"), null=True)
    result = models.CharField(_("what it did"), max_length=RESULT_LENGTH, blank=True)
    has_failed = models.BooleanField(_("broke off"), default=False)
    failed_at = models.DateTimeField(_("last failure"), null=True)
    runs = models.PositiveBigIntegerField(_("runs"), default=0)
    failures = models.PositiveBigIntegerField(_("failures"), default=0)

    objects = TaskRunQuerySet.as_manager()

    class Meta:
        db_table = "task_runs"
        verbose_name = _("task run")
        verbose_name_plural = _("task runs")

    def __str__(self) -> str:
        return self.task
