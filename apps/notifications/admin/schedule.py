"""The clock's tasks: how often each runs, when it last did, and what it did then."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from unfold.decorators import display

from apps.accounts.services.audit import record
from medivoy.admin import ModelAdmin
from medivoy.core.models import TaskRun

# The library's own pages; two of its kinds of schedule are of no use here.
admin.site.unregister([ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule])

LAST_RUN = ("started_at", "finished_at", "result", "has_failed", "failed_at", "runs", "failures")


class ToldByCall(ModelAdmin):
    """Rows of a library, on which no trigger of ours lies: the audit trail is told here of what is changed."""

    entity: ClassVar[str]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        words = {"actor": request.user, "entity": self.entity, "entity_id": obj.pk}
        record("update" if change else "create", **words, fields=sorted(form.changed_data))


@admin.register(PeriodicTask)
class PeriodicTaskPage(ToldByCall):
    """How often, and whether at all, may be changed; which tasks there are is the code's business."""

    entity = "periodic_task"
    list_display = ["name", "shown_schedule", "enabled", "finished_at", "outcome", "result", "runs", "failures"]
    list_filter = ["enabled"]
    search_fields = ["name"]
    ordering = ["name"]
    list_select_related = ["interval", "crontab"]
    fields = ["name", "enabled", "interval", "crontab", *LAST_RUN]
    readonly_fields = ["name", *LAST_RUN]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PeriodicTask]:
        run = TaskRun.objects.filter(pk=OuterRef("task"))
        facts = {f"last_{name}": Subquery(run.values(name)[:1]) for name in LAST_RUN}
        return super().get_queryset(request).annotate(**facts)

    @display(description=_("how often"))
    def shown_schedule(self, task: PeriodicTask) -> str:
        return str(task.interval or task.crontab)

    @display(description=_("last started"))
    def started_at(self, task: Any) -> Any:
        return task.last_started_at

    @display(description=_("last finished"), ordering="last_finished_at")
    def finished_at(self, task: Any) -> Any:
        return task.last_finished_at

    @display(description=_("what it did"))
    def result(self, task: Any) -> str:
        return task.last_result or ""

    @display(description=_("outcome"), label={"well": "success", "broke_off": "danger"})
    def outcome(self, task: Any) -> Any:
        if task.last_finished_at is None:
            return None
        return ("broke_off", _("broke off")) if task.last_has_failed else ("well", _("went well"))

    @display(description=_("broke off"), boolean=True)
    def has_failed(self, task: Any) -> bool | None:
        return task.last_has_failed

    @display(description=_("last failure"))
    def failed_at(self, task: Any) -> Any:
        return task.last_failed_at

    @display(description=_("runs"), ordering="last_runs")
    def runs(self, task: Any) -> int:
        return task.last_runs or 0

    @display(description=_("failures"), ordering="last_failures")
    def failures(self, task: Any) -> int:
        return task.last_failures or 0


@admin.register(IntervalSchedule)
class IntervalPage(ToldByCall):
    """Every so many minutes or hours; tasks share these rows."""

    entity = "interval"
    list_display = ["__str__", "every", "period"]


@admin.register(CrontabSchedule)
class CrontabPage(ToldByCall):
    """Times of day, in the five fields of a crontab."""

    entity = "crontab"
    list_display = ["__str__", "timezone"]
