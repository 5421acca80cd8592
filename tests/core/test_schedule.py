"""What the clock starts: declared at the task, known to beat, noted when it ran."""

from datetime import timedelta

import pytest
from celery.schedules import crontab
from django.core.management import call_command
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from medivoy.celery import app
from medivoy.core import schedule
from medivoy.core.beat import load_schedule
from medivoy.core.models import TaskRun
from medivoy.core.schedule import SCHEDULE, scheduled
from tests.race import contend


def says(sentence):
    def task():
        return sentence

    return task


NOTHING = says("nothing to do")


@pytest.fixture
def declare(monkeypatch):
    """Declare a task for this test only."""
    monkeypatch.setattr(schedule, "SCHEDULE", known := dict(SCHEDULE))
    monkeypatch.setattr("medivoy.core.beat.SCHEDULE", known)
    names = []

    def declare_task(name, function=NOTHING, **when):
        names.append(name)
        return scheduled(name, **when)(function)

    yield declare_task
    for name in names:
        app.tasks.pop(name, None)


@pytest.mark.django_db
def test_beat_learns_of_every_declared_task():
    call_command("load_schedule", verbosity=0)
    assert set(PeriodicTask.objects.values_list("name", flat=True)) == set(SCHEDULE)
    assert "notifications.sweep" in SCHEDULE
    app.loader.import_default_modules()
    assert set(SCHEDULE) <= set(app.tasks)


@pytest.mark.django_db
def test_the_sweep_runs_each_minute():
    load_schedule()
    sweep = PeriodicTask.objects.get(name="notifications.sweep")
    assert (sweep.interval.every, sweep.interval.period, sweep.expire_seconds) == (1, "minutes", 60)


@pytest.mark.django_db
def test_intervals_and_crontabs(declare):
    declare("test.seconds", every=timedelta(seconds=90))
    declare("test.hours", every=timedelta(hours=1))
    declare("test.daily", cron="30 6 * * *")
    load_schedule()
    interval = {
        task.name: (task.interval.every, task.interval.period) for task in PeriodicTask.objects.exclude(interval=None)
    }
    assert interval["test.seconds"] == (90, "seconds")
    assert interval["test.hours"] == (60, "minutes")
    assert PeriodicTask.objects.get(name="test.daily").schedule == crontab(minute="30", hour="6")


@pytest.mark.django_db
def test_loading_again_changes_nothing_and_keeps_what_an_admin_changed():
    load_schedule()
    daily, _made = IntervalSchedule.objects.get_or_create(every=1, period="days")
    PeriodicTask.objects.filter(name="notifications.sweep").update(enabled=False, interval=daily)
    loaded = load_schedule()
    assert (loaded.added, loaded.removed) == (0, 0)
    task = PeriodicTask.objects.get(name="notifications.sweep")
    assert (task.enabled, task.interval) == (False, daily)


@pytest.mark.django_db
def test_what_the_code_no_longer_declares_goes_and_what_was_made_by_hand_stays():
    load_schedule()
    minute = IntervalSchedule.objects.first()
    PeriodicTask.objects.create(name="gone.task", task="gone.task", interval=minute)
    PeriodicTask.objects.create(name="made by hand", task="notifications.sweep", interval=minute)
    TaskRun.objects.begin("gone.task")
    assert load_schedule().removed == 1
    assert not PeriodicTask.objects.filter(name="gone.task").exists()
    assert not TaskRun.objects.filter(task="gone.task").exists()
    assert PeriodicTask.objects.filter(name="made by hand").exists()


@pytest.mark.django_db(transaction=True)
def test_many_starting_at_once_load_it_once():
    results = contend(lambda _number: load_schedule())
    assert sorted(loaded.added for loaded in results)[-1] == len(SCHEDULE)
    assert sum(loaded.added for loaded in results) == len(SCHEDULE)
    assert IntervalSchedule.objects.filter(every=1, period="minutes").count() == 1


def test_a_task_has_one_rhythm(declare):
    with pytest.raises(ValueError):
        declare("test.none")
    with pytest.raises(ValueError):
        declare("test.both", every=timedelta(minutes=1), cron="* * * * *")


@pytest.mark.django_db
def test_a_run_is_noted(declare):
    task = declare("test.task", says("3 quotations expired"), every=timedelta(minutes=1))
    task()
    task()
    run = TaskRun.objects.get(task="test.task")
    assert (run.result, run.has_failed, run.runs, run.failures) == ("3 quotations expired", False, 2, 0)
    assert run.started_at <= run.finished_at


@pytest.mark.django_db
def test_a_failure_is_noted_and_not_swallowed(declare):
    def fail():
        raise ValueError("the patient's name")

    with pytest.raises(ValueError):
        declare("test.task", fail, every=timedelta(minutes=1))()
    run = TaskRun.objects.get(task="test.task")
    assert (run.result, run.has_failed, run.runs, run.failures) == ("ValueError", True, 1, 1)


@pytest.mark.django_db
def test_a_long_sentence_fits(declare):
    declare("test.task", says("x" * 900), every=timedelta(minutes=1))()
    assert len(TaskRun.objects.get(task="test.task").result) == 200
