"""The outbox: one row per event, user and channel, written in the transaction that made the event."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from medivoy.core import clock
from medivoy.core.models import Record


class Channel(models.TextChoices):
    IN_APP = "in_app", _("In the app")
    EMAIL = "email", _("E-mail")


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: Any) -> Self:
        """What the user reads in the app: their own in-app rows."""
        return self.filter(user=user, channel=Channel.IN_APP)

    def unread(self) -> Self:
        return self.filter(is_read=False)

    def due(self) -> Self:
        """Rows that a worker is to send now."""
        return self.filter(is_sent=False, failed_at=None, next_attempt_at__lte=clock.now())


class Notification(Record):
    """News for one person by one channel. `context` holds what the text is made of; never a note or a diagnosis."""

    event_id = models.UUIDField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    channel = models.CharField(max_length=50, choices=Channel.choices)
    type = models.CharField(max_length=50)
    title = models.CharField(max_length=255)
    message = models.TextField()
    reference_type = models.CharField(max_length=50, blank=True)
    reference_id = models.UUIDField(null=True, blank=True)
    language = models.CharField(max_length=10, default="en")
    link = models.CharField(max_length=500, blank=True)
    is_read = models.BooleanField(default=False)
    is_sent = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "notifications"
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(fields=["event_id", "user", "channel"], name="one_notification_per_event_and_channel"),
            models.CheckConstraint(condition=models.Q(channel__in=Channel.values), name="notification_channel_is_known"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(is_sent=False, failed_at=None), name="notification_due"),
            models.Index(fields=["user", "-created_at"], condition=models.Q(channel="in_app"), name="notification_inbox"),
        ]

    def __str__(self) -> str:
        return self.title
