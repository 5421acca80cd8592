"""The outbox while things break: a broker that is gone, a worker that is killed in the middle of a mail."""

import signal
import time

import pytest
from django.db import transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.notifications.models import Notification
from apps.notifications.services.outbox import notify
from apps.notifications.tasks import drain, sweep
from medivoy.celery import app
from medivoy.core import clock, jobs
from medivoy.core.beat import load_schedule
from medivoy.core.models import TaskRun
from tests.factories.accounts import UserFactory
from tests.figures import ROUNDS
from tests.peers.smtp import mail_server
from tests.processes import python, wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def patient():
    return UserFactory()


@pytest.fixture
def smtp(settings):
    with mail_server() as server:
        settings.EMAIL_URL = server.url
        settings.EMAIL_TIMEOUT = 30
        yield server


def tell(patient):
    with transaction.atomic():
        notify("quotation_sent", to={"patient": [patient]}, context={"number": "MB-2026-000001"})
    return Notification.objects.filter(channel="email", user=patient).latest("created_at")


@pytest.fixture
def no_broker(monkeypatch):
    """Nobody listens where the broker should be."""
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    jobs.wake_ups.reset()
    yield
    jobs.wake_ups.reset()


def test_without_a_broker_nothing_waits_and_nothing_is_lost(no_broker, smtp, patient):
    """T63: the row is what counts, the broker is a wake-up only."""
    began = time.monotonic()
    for _time in range(5):
        tell(patient)
    assert time.monotonic() - began < 2
    assert smtp.mails == []
    sweep()
    assert len(smtp.mails) == 5
    assert TaskRun.objects.get(task="notifications.sweep").result == "5 sent, 0 to try again, 0 given up"


def test_a_mail_whose_worker_was_killed_goes_out_again_under_the_same_id(smtp, patient, settings):
    """The server had taken it, the note of it never came: the one case of a repetition, and it is known as one."""
    row = tell(patient)
    smtp.speaks.clear()
    process = python("from apps.notifications.tasks import drain; drain()", settings)
    assert smtp.has_mail.wait(30)
    process.send_signal(signal.SIGKILL)
    process.wait()
    smtp.speaks.set()

    row.refresh_from_db()
    assert (row.is_sent, row.attempts) == (False, 1)
    drain()
    assert len(smtp.mails) == 1  # the lease is not over
    with clock.at(clock.now() + settings.NOTIFICATION_LEASE):
        drain()
    row.refresh_from_db()
    assert (row.is_sent, row.attempts) == (True, 2)
    first, second = smtp.parsed()
    assert first["Message-ID"] == second["Message-ID"] is not None


def test_workers_killed_again_and_again_lose_nothing(smtp, settings):
    """T64: a repetition at most for each kill, and only under the same id."""
    patient = UserFactory()
    rows = [tell(patient) for _number in range(10 * ROUNDS)]
    for kills in range(1, ROUNDS + 1):
        process = python("from apps.notifications.tasks import drain; drain()", settings)
        wait_until(lambda enough=5 * kills: len(smtp.mails) >= enough, 30)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with clock.at(clock.now() + settings.NOTIFICATION_LEASE):
        drain()
    ids = [mail["Message-ID"] for mail in smtp.parsed()]
    assert {identifier.strip("<>").partition("@")[0] for identifier in ids} == {str(row.pk) for row in rows}
    assert len(ids) - len(set(ids)) <= ROUNDS
    assert not Notification.objects.unsent().exists()


def test_a_worker_sends_what_it_is_woken_for_and_the_clock_finds_the_rest(smtp, settings, tmp_path):
    """A real worker and a real Redis: one mail by the wake-up, another whose wake-up was lost by the sweep."""
    load_schedule()
    each_second, _made = IntervalSchedule.objects.get_or_create(every=1, period="seconds")
    PeriodicTask.objects.exclude(name="notifications.sweep").update(enabled=False)
    task = PeriodicTask.objects.get(name="notifications.sweep")
    task.interval = each_second
    task.save()
    jobs.wake_ups.reset()
    with worker(settings, tmp_path / "quiet.log"):
        woken = tell(UserFactory())
        wait_until(lambda: len(smtp.mails) == 1, 20)
        wait_until(lambda: Notification.objects.get(pk=woken.pk).is_sent, 5)
    assert not TaskRun.objects.exists()

    lost = tell(UserFactory())
    app.control.purge()
    with worker(settings, tmp_path / "clock.log", beat=True):
        wait_until(lambda: Notification.objects.get(pk=lost.pk).is_sent, 30)
        wait_until(lambda: TaskRun.objects.filter(task="notifications.sweep", runs__gt=1).exists(), 20)
    assert len(smtp.mails) == 2
    assert not TaskRun.objects.filter(has_failed=True).exists()
