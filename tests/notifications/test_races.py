"""Several at once: nothing is told or sent twice. Each race has a control that fails without its lock."""

import time
from datetime import timedelta

import pytest
from django.db import connection

from apps.notifications.models import Notification
from apps.notifications.services import delivery
from apps.notifications.services.delivery import deliver_due
from apps.notifications.services.outbox import event_id_for, notify
from medivoy.core import clock
from tests.factories.accounts import UserFactory
from tests.factories.notifications import NotificationFactory
from tests.figures import CONTENDERS, ROUNDS
from tests.notifications.conftest import no_attachment
from tests.race import contend

pytestmark = pytest.mark.django_db(transaction=True)


class SlowChannel:
    """Takes its time, so that the others have theirs."""

    def __init__(self, sent):
        self.sent = sent

    def send(self, message):
        time.sleep(0.002)
        self.sent.append(message.id)

    def close(self):
        pass


def drain_together():
    """Let all contenders drain twenty rows; return the ids that were sent."""
    NotificationFactory.create_batch(20, email=True, user=UserFactory())
    sent = []
    results = contend(lambda _number: deliver_due(SlowChannel(sent), no_attachment))
    assert not [result for result in results if isinstance(result, Exception)]
    return sent


def claim_without_lock():
    row = Notification.objects.due().first()
    if row is not None:
        time.sleep(0.005)
        lease = clock.now() + timedelta(minutes=5)
        Notification.objects.filter(pk=row.pk).update(attempts=row.attempts + 1, next_attempt_at=lease)
    return row


def test_two_drains_send_nothing_twice():
    """T65."""
    for _round in range(ROUNDS):
        sent = drain_together()
        assert len(sent) == len(set(sent)) == 20
    assert not Notification.objects.unsent().exists()


def test_control_without_the_lock_they_would(monkeypatch):
    monkeypatch.setattr(delivery, "claim_next", claim_without_lock)
    assert any(len(sent) > len(set(sent)) for sent in (drain_together() for _round in range(ROUNDS)))


def remind_together(day):
    user = UserFactory()
    event_id = event_id_for("details_reminder", user.pk, day)
    context = {"number": "MB-2026-000001", "missing": ["MRI"]}
    contend(lambda _number: notify("details_reminder", to={"patient": [user]}, context=context, event_id=event_id))
    return Notification.objects.filter(user=user).count()


def test_a_reminder_that_many_run_is_told_once():
    """T64, T65."""
    assert [remind_together(day) for day in range(ROUNDS)] == [2] * ROUNDS


def test_control_without_the_constraint_it_would_be_told_by_each():
    name = "one_notification_per_event_and_channel"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE notifications DROP CONSTRAINT {name}")
    try:
        assert remind_together(1) == 2 * CONTENDERS
    finally:
        Notification.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE notifications ADD CONSTRAINT {name} UNIQUE (event_id, user_id, channel)")
