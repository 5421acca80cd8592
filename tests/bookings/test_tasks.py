"""The clock's tasks: one case that breaks keeps no other one waiting."""

from datetime import timedelta

import pytest

from apps.bookings import tasks
from apps.bookings.states import BookingStatus as S
from medivoy.core import clock
from medivoy.core.models import TaskRun
from medivoy.core.schedule import SCHEDULE
from tests.factories.bookings import booking_in

pytestmark = pytest.mark.django_db


def test_a_case_that_breaks_keeps_no_other_waiting_and_the_run_says_so(coordinator, monkeypatch):
    broken, whole = booking_in(S.AWAITING_MEDICAL_DETAILS), booking_in(S.AWAITING_MEDICAL_DETAILS)
    remind = tasks.remind

    def break_one(booking_id, families):
        if booking_id == broken.pk:
            raise RuntimeError
        return remind(booking_id, families)

    monkeypatch.setattr(tasks, "remind", break_one)
    with clock.at(clock.now() + timedelta(days=4)), pytest.raises(RuntimeError):
        tasks.send_reminders.run()
    assert whole.events.filter(kind="reminder").count() == 1
    assert TaskRun.objects.get(task="bookings.remind").has_failed


def test_they_are_on_the_schedule():
    assert SCHEDULE["bookings.expire_quotations"].every == timedelta(hours=1)
    assert SCHEDULE["bookings.remind"].every == timedelta(hours=1)
    assert SCHEDULE["bookings.remind_of_payments"].cron == "0 6 * * *"
