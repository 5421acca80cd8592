"""Tasks that the clock starts. Each app declares its own in tasks.py; `manage.py load_schedule` tells beat of them.

The declaration stands at the task, so the two cannot drift apart. What an admin changes afterwards, how often and
whether at all, stays as they left it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any

from celery import shared_task

from medivoy.core.models import TaskRun


@dataclass(frozen=True, slots=True)
class Entry:
    """One periodic task: every so often, or at the times of a crontab (five fields, UTC)."""

    name: str
    every: timedelta | None
    cron: str

    @property
    def lifetime(self) -> timedelta:
        """How long a tick that no worker took is still worth taking."""
        return self.every or timedelta(hours=1)


SCHEDULE: dict[str, Entry] = {}


def scheduled(
    name: str, *, every: timedelta | None = None, cron: str = ""
) -> Callable[[Callable[[], str]], Callable[[], Any]]:
    """Make a function without arguments a periodic task called `name`.

    It is safe to run twice at once, and returns a short English sentence on what it did, which the admin shows
    together with when it ran. Give `every` or `cron`.
    """
    if bool(every) == bool(cron):
        raise ValueError(f"{name}: give either `every` or `cron`")

    def declare(function: Callable[[], str]) -> Callable[[], Any]:
        SCHEDULE[name] = Entry(name, every, cron)

        @wraps(function)
        def run() -> None:
            TaskRun.objects.begin(name)
            try:
                result = function()
            except Exception as error:
                # Its class alone: a message may carry what somebody typed. The log has the rest.
                TaskRun.objects.fail(name, type(error).__name__)
                raise
            TaskRun.objects.finish(name, result)

        task: Callable[[], Any] = shared_task(name=name)(run)
        return task

    return declare
