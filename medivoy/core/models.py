"""What every table has in common."""

import pgtrigger
from django.db import models

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


class Entry(models.Model):
    """A row that is written once: an id that sorts by time, and when it was made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

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
