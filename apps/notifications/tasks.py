"""The outbox's worker: woken after each commit that tells somebody, and by the clock in case the broker was away."""

import uuid
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils.module_loading import import_string

from apps.notifications.channels.email import mail_channel
from apps.notifications.channels.message import Attachment, ChannelError
from apps.notifications.models import Notification
from apps.notifications.services.delivery import deliver_due, give_up_interrupted
from medivoy.core import jobs
from medivoy.core.context import writing
from medivoy.core.schedule import scheduled


@shared_task(name="notifications.drain")
def drain() -> None:
    """Send what is due."""
    if deliver_due(mail_channel(), make_attachment).is_full:
        jobs.after_commit("notifications.drain")


@scheduled("notifications.sweep", every=timedelta(minutes=1))
def sweep() -> str:
    """Send what no wake-up reached, what waits for another attempt, and what a killed worker left."""
    interrupted = give_up_interrupted()
    tally = deliver_due(mail_channel(), make_attachment)
    tally.given_up += interrupted
    return str(tally)


@scheduled("notifications.cleanup", cron="40 3 * * *")
def cleanup() -> str:
    """Delete old mails that are done with, and old news that their readers removed."""
    with writing(None):
        deleted, _by_table = Notification.objects.done_with().delete()
    return f"{deleted} rows deleted"


def make_attachment(kind: str, pk: uuid.UUID, language: str) -> Attachment:
    """Return the document `kind` with the key `pk` in `language`, made by the app that settings name for the kind."""
    maker = settings.NOTIFICATION_ATTACHMENTS.get(kind)
    if maker is None:
        raise ChannelError(f"no attachment of kind {kind}", permanent=True)
    attachment: Attachment = import_string(maker)(pk, language)
    return attachment
