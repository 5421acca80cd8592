"""The outbox and the clock's tasks in the console."""

import pytest
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from apps.accounts.models import AuditEntry
from apps.notifications.models import State
from medivoy.core.beat import load_schedule
from medivoy.core.models import TaskRun
from tests.factories.accounts import UserFactory
from tests.factories.notifications import NotificationFactory
from tests.trail import fields_of, told_of

pytestmark = pytest.mark.django_db

SECRET = "https://app.test/reset?token=s3cr3t"
LIST = "admin:notifications_notification_changelist"
TASKS = "admin:django_celery_beat_periodictask_changelist"


@pytest.fixture
def console(client):
    client.force_login(UserFactory(admin=True))
    return client


def page(row):
    return reverse("admin:notifications_notification_change", args=[row.pk])


def resend(row):
    return reverse("admin:notifications_notification_resend", args=[row.pk])


def test_an_admin_sees_what_was_told_to_whom(console):
    row = NotificationFactory(email=True)
    shown = console.get(reverse(LIST)).content.decode()
    assert row.title in shown
    assert row.title in console.get(page(row)).content.decode()


@pytest.mark.parametrize("state", State.values)
def test_the_list_is_narrowed_to_a_state(console, state):
    rows = {
        State.SENT: NotificationFactory(),
        State.WAITING: NotificationFactory(email=True),
        State.RETRYING: NotificationFactory(email=True, attempts=1),
        State.FAILED: NotificationFactory(given_up=True),
    }
    response = console.get(reverse(LIST), {"state": state})
    assert list(response.context["cl"].queryset) == [rows[state]]


def test_a_secret_is_on_no_page(console):
    row = NotificationFactory(email=True, link="", secret_link=SECRET)
    for address in (reverse(LIST), page(row)):
        assert "s3cr3t" not in console.get(address).content.decode()


def test_nothing_can_be_typed(console):
    row = NotificationFactory(email=True)
    console.post(page(row), {"title": "changed", "is_sent": "on"})
    row.refresh_from_db()
    assert row.title != "changed"
    assert not row.is_sent
    assert console.get(reverse("admin:notifications_notification_add")).status_code == 403
    assert console.post(reverse("admin:notifications_notification_delete", args=[row.pk])).status_code == 403


@pytest.mark.parametrize("role", ["coordinator", "translator", "patient"])
def test_others_see_nothing_of_it(client, role):
    row = NotificationFactory(given_up=True)
    client.force_login(UserFactory(user_type=role))
    for address in (reverse(LIST), page(row), resend(row), reverse(TASKS)):
        assert client.get(address).status_code in (302, 403)
        assert client.post(address, {"_form_submitted": "True"}).status_code in (302, 403)
    row.refresh_from_db()
    assert row.state == State.FAILED


def test_what_was_given_up_is_sent_again_by_a_button(console):
    row = NotificationFactory(given_up=True)
    assert "resend" in console.get(page(row)).content.decode()
    console.get(resend(row))
    row.refresh_from_db()
    assert row.state == State.FAILED  # looking at the question sends nothing
    assert console.post(resend(row), {"_form_submitted": "True"}).status_code == 302
    row.refresh_from_db()
    assert row.state == State.WAITING
    told = AuditEntry.objects.get(entity_type="notification")
    assert (told.action, told.entity_id, told.subject_id) == ("resend", str(row.pk), row.user_id)


def test_a_refusal_is_shown(console):
    row = NotificationFactory(email=True)
    shown = console.post(resend(row), {"_form_submitted": "True"}, follow=True).content.decode()
    assert "Only a mail that was given up can be sent again." in shown


def test_ten_rows_cost_what_one_does(console, django_assert_num_queries, django_assert_max_num_queries):
    NotificationFactory(email=True)
    with django_assert_max_num_queries(8) as one:
        console.get(reverse(LIST))
    NotificationFactory.create_batch(9, email=True)
    with django_assert_num_queries(len(one)):
        console.get(reverse(LIST))


def test_the_clocks_tasks_say_when_they_ran_and_what_they_did(console):
    load_schedule()
    TaskRun.objects.begin("notifications.sweep")
    TaskRun.objects.finish("notifications.sweep", "12 sent, 0 to try again, 0 given up")
    shown = console.get(reverse(TASKS)).content.decode()
    assert "notifications.sweep" in shown
    assert "12 sent, 0 to try again" in shown
    assert "every minute" in shown


def test_a_task_may_be_stopped_but_not_renamed(console):
    load_schedule()
    task = console.get(reverse(TASKS)).context["cl"].queryset.get(name="notifications.sweep")
    address = reverse("admin:django_celery_beat_periodictask_change", args=[task.pk])
    assert console.get(address).status_code == 200
    response = console.post(address, {"name": "mine", "task": "os.system", "interval": task.interval_id, "crontab": ""})
    assert response.status_code == 302
    task.refresh_from_db()
    assert (task.name, task.task, task.enabled) == ("notifications.sweep", "notifications.sweep", False)
    assert console.post(reverse("admin:django_celery_beat_periodictask_add")).status_code == 403


@pytest.mark.parametrize("kind", ["intervalschedule", "crontabschedule"])
def test_schedules_may_be_added(console, kind):
    load_schedule()
    assert console.get(reverse(f"admin:django_celery_beat_{kind}_changelist")).status_code == 200
    assert console.get(reverse(f"admin:django_celery_beat_{kind}_add")).status_code == 200


def test_t61_a_change_of_the_schedule_is_in_the_trail(client):
    """T61: its tables are a library's, without our trigger."""
    admin = UserFactory(admin=True)
    client.force_login(admin)
    load_schedule()
    task = PeriodicTask.objects.get(name="bookings.remind")
    address = reverse("admin:django_celery_beat_periodictask_change", args=[task.pk])

    client.post(address, {"interval": task.interval_id, "enabled": ""})
    assert (
        client.post(
            reverse("admin:django_celery_beat_intervalschedule_add"), {"every": "7", "period": "hours"}
        ).status_code
        == 302
    )

    assert not PeriodicTask.objects.get(pk=task.pk).enabled
    first, second = told_of(admin, action__in=("create", "update"))
    assert first == ("update", "periodic_task", str(task.pk), None)
    assert second[:2] == ("create", "interval")
    assert fields_of(admin, entity_type="periodic_task") == [["enabled"]]
