"""The worker's door: where documents come from, and when it asks to be called again."""

import uuid
from datetime import timedelta

import pytest

from apps.notifications import tasks
from apps.notifications.channels.message import Attachment, ChannelError
from apps.notifications.models import Notification, State
from medivoy.core import clock, jobs
from medivoy.core.models import TaskRun
from tests.factories.notifications import NotificationFactory


def invoice_document(pk, language):
    return Attachment(f"INV-{language}.pdf", b"%PDF-1.7", "application/pdf")


@pytest.mark.django_db
def test_an_invoice_is_mailed_in_the_readers_language(smtp, settings):
    settings.NOTIFICATION_ATTACHMENTS = {"invoice": f"{__name__}.invoice_document"}
    NotificationFactory(email=True, type="invoice_issued", language="ar", attachments=[f"invoice:{uuid.uuid4()}"])
    tasks.drain()
    (mail,) = smtp.parsed()
    (pdf,) = mail.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content()) == ("INV-ar.pdf", b"%PDF-1.7")


def test_a_kind_that_nobody_makes_is_given_up(settings):
    settings.NOTIFICATION_ATTACHMENTS = {}
    with pytest.raises(ChannelError) as refusal:
        tasks.make_attachment("letter", uuid.uuid4(), "en")
    assert refusal.value.permanent


@pytest.mark.django_db
def test_every_document_that_settings_name_has_its_maker(settings):
    for kind in settings.NOTIFICATION_ATTACHMENTS:
        assert callable(tasks.import_string(settings.NOTIFICATION_ATTACHMENTS[kind]))


@pytest.mark.django_db
def test_a_full_batch_asks_for_another(smtp, monkeypatch, django_capture_on_commit_callbacks):
    woken = []
    monkeypatch.setattr(jobs.wake_ups, "send", lambda task, args: woken.append(task))
    monkeypatch.setattr("apps.notifications.services.delivery.BATCH", 2)
    NotificationFactory.create_batch(3, email=True)
    for _call in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.drain()
    assert woken == ["notifications.drain"]
    assert not Notification.objects.unsent().exists()


@pytest.mark.django_db
def test_the_sweep_says_what_it_did(smtp, settings):
    dead = NotificationFactory(email=True, attempts=settings.NOTIFICATION_MAX_ATTEMPTS)
    NotificationFactory(email=True)
    smtp.answers["RCPT"] = "450 busy"
    tasks.sweep()
    assert TaskRun.objects.get(task="notifications.sweep").result == "0 sent, 1 to try again, 1 given up"
    dead.refresh_from_db()
    assert dead.state == State.FAILED


@pytest.mark.django_db
def test_what_is_done_with_goes_after_half_a_year(settings):
    old = clock.now() - settings.NOTIFICATION_KEPT - timedelta(days=1)
    NotificationFactory(email=True, is_sent=True, created_at=old)
    NotificationFactory(given_up=True, created_at=old)
    NotificationFactory(created_at=old, removed_at=old)
    kept = [
        NotificationFactory(created_at=old),
        NotificationFactory(email=True, created_at=old),
        NotificationFactory(created_at=old, removed_at=clock.now()),
        NotificationFactory(email=True, is_sent=True),
    ]
    tasks.cleanup()
    assert set(Notification.objects.all()) == set(kept)
    assert TaskRun.objects.get(task="notifications.cleanup").result == "3 rows deleted"
