"""What the demo world and the clock's tasks leave in the audit trail (T61)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import AuditEntry
from apps.bookings.models import Booking
from apps.clinical.models import Patient
from medivoy.celery import app
from medivoy.core import clock
from medivoy.core.schedule import SCHEDULE
from tests.trail import unsigned_writes

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]

# These write of the trail alone, and what they put elsewhere outlasts the test: tests/accounts/ has them.
OF_THE_TRAIL = {"accounts.seal_audit", "accounts.copy_audit"}

app.loader.import_default_modules()
TASKS = sorted(name for name, task in app.tasks.items() if task.__module__.startswith(("medivoy.", "apps.")))


def test_t61_all_of_the_world_was_made_in_somebodys_name(world, newest_before_world):
    made = AuditEntry.objects.filter(pk__gt=newest_before_world)

    assert set(made.filter(entity_type="booking", action="create").values_list("entity_id", flat=True)) == {
        str(pk) for pk in Booking.objects.values_list("pk", flat=True)
    }
    assert made.filter(entity_type="patient", action="create").count() == Patient.objects.count()
    assert list(made.filter(actor="unknown").values("action", "entity_type").distinct()) == []


def test_the_tasks_are_found():
    assert {"accounts.cleanup", "billing.sweep", "bookings.remind", *OF_THE_TRAIL} <= set(TASKS) & set(SCHEDULE)


@pytest.mark.parametrize("name", [name for name in TASKS if name not in OF_THE_TRAIL])
def test_t61_no_task_writes_in_nobodys_name(world, name):
    with clock.at(clock.now() + timedelta(days=45)), CaptureQueriesContext(connection) as seen:
        app.tasks[name]()

    assert unsigned_writes(seen) == []
