"""Telling beat of the schedule: what the tasks declare becomes rows that an admin may edit."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from medivoy.celery import app
from medivoy.core.models import TaskRun
from medivoy.core.schedule import SCHEDULE, Entry

CRON_FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading changed: how many tasks are new, and how many are gone."""

    added: int
    removed: int


@transaction.atomic
def load_schedule() -> Loaded:
    """Give beat a row for every declared task that it does not know, and take away those that are declared no more.

    Rows that are there stay as they are, with what an admin changed. Safe to run any number of times at once.
    """
    app.loader.import_default_modules()
    with connection.cursor() as cursor:
        # Beat's tables do not refuse two equal intervals, so loaders go one after the other.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('load_schedule', 0))")
    # Ours are those named like their task; others were made by hand.
    ours = PeriodicTask.objects.filter(name=F("task"))
    gone = ours.exclude(name__in=SCHEDULE)
    TaskRun.objects.filter(task__in=gone.values("name")).delete()
    _count, removed = gone.delete()
    known = set(ours.values_list("name", flat=True))
    new = [entry for name, entry in SCHEDULE.items() if name not in known]
    for entry in new:
        PeriodicTask.objects.create(
            name=entry.name, task=entry.name, expire_seconds=int(entry.lifetime.total_seconds()), **_times(entry)
        )
    return Loaded(len(new), removed.get(PeriodicTask._meta.label, 0))


def _times(entry: Entry) -> dict[str, IntervalSchedule | CrontabSchedule]:
    if entry.every is not None:
        seconds = int(entry.every.total_seconds())
        by_minute = seconds % 60 == 0
        interval = {
            "every": seconds // 60 if by_minute else seconds,
            "period": IntervalSchedule.MINUTES if by_minute else IntervalSchedule.SECONDS,
        }
        return {
            "interval": IntervalSchedule.objects.filter(**interval).first()
            or IntervalSchedule.objects.create(**interval)
        }
    times = {**dict(zip(CRON_FIELDS, entry.cron.split(), strict=True)), "timezone": "UTC"}
    return {"crontab": CrontabSchedule.objects.filter(**times).first() or CrontabSchedule.objects.create(**times)}
