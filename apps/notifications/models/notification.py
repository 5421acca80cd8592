"""The outbox: one row per event, user and channel, written in the transaction that made the event."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from medivoy.core import clock
from medivoy.core.crypto import EncryptedTextField
from medivoy.core.models import Record


class Channel(models.TextChoices):
    IN_APP = "in_app", _("In the app")
    EMAIL = "email", _("E-mail")


class State(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RETRYING = "retrying", _("Trying again")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: Any) -> Self:
        """What the user reads in the app: their own in-app rows, less those they removed."""
        return self.filter(user=user, channel=Channel.IN_APP, removed_at=None)

    def outbox_visible_to(self, user: Any) -> Self:
        """Every row by every channel, for those who look after delivery."""
        return self if user.has_perm("notifications.view_notification") else self.none()

    def for_list(self) -> Self:
        """The columns that their reader is shown."""
        return self.only(
            "type",
            "title",
            "message",
            "reference_type",
            "reference_id",
            "channel",
            "is_read",
            "read_at",
            "created_at",
        )

    def unread(self) -> Self:
        return self.filter(is_read=False)

    def unsent(self) -> Self:
        """Neither sent nor given up."""
        return self.filter(is_sent=False, failed_at=None)

    def in_state(self, state: str) -> Self:
        """Rows whose `state` this is."""
        conditions = {
            State.SENT: Q(is_sent=True),
            State.FAILED: Q(is_sent=False, failed_at__isnull=False),
            State.WAITING: Q(is_sent=False, failed_at=None, attempts=0),
            State.RETRYING: Q(is_sent=False, failed_at=None, attempts__gt=0),
        }
        return self.filter(conditions[State(state)])

    def due(self) -> Self:
        """What a worker is to send now, longest waiting first."""
        return (
            self.unsent()
            .filter(next_attempt_at__lte=clock.now(), attempts__lt=settings.NOTIFICATION_MAX_ATTEMPTS)
            .order_by("next_attempt_at")
        )

    def done_with(self) -> Self:
        """What is kept no longer: old mails that were sent or given up, old news that their readers removed."""
        limit = clock.now() - settings.NOTIFICATION_KEPT
        mails = Q(channel=Channel.EMAIL) & (Q(is_sent=True) | Q(failed_at__isnull=False))
        return self.filter(mails | Q(removed_at__lt=limit), created_at__lt=limit)

    def interrupted_for_good(self) -> Self:
        """Taken as often as allowed, the last time by a worker that never came back."""
        return self.unsent().filter(next_attempt_at__lte=clock.now(), attempts__gte=settings.NOTIFICATION_MAX_ATTEMPTS)


class Notification(Record):
    """News for one person by one channel, in the words that they will read; never a note, a reason or a diagnosis."""

    event_id = models.UUIDField(_("event"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.CASCADE, related_name="notifications"
    )
    channel = models.CharField(_("channel"), max_length=50, choices=Channel.choices)
    type = models.CharField(_("type"), max_length=50)
    title = models.CharField(_("title"), max_length=255)
    message = models.TextField(_("message"))
    language = models.CharField(_("language"), max_length=10, default="en")
    reference_type = models.CharField(_("about"), max_length=50, blank=True)
    reference_id = models.UUIDField(_("id of what it is about"), null=True, blank=True)
    # Where a mail goes and leads: the address is kept as it was when the event happened, so that a link that proves
    # an address is never sent to another one.
    address = models.CharField(_("address"), max_length=255, blank=True)
    link = models.CharField(_("link"), max_length=500, blank=True)
    # A link that lets in whoever holds it: encrypted, and wiped as soon as it is sent or given up.
    secret_link = EncryptedTextField(_("secret link"), blank=True, editable=False)
    # Documents that go with a mail, each as "kind:id"; made when it is sent.
    attachments = ArrayField(models.CharField(max_length=100), verbose_name=_("attachments"), default=list, blank=True)
    is_read = models.BooleanField(_("read"), default=False)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)
    is_sent = models.BooleanField(_("sent"), default=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=clock.now)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    failed_at = models.DateTimeField(_("given up at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "notifications"
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(
                fields=["event_id", "user", "channel"], name="one_notification_per_event_and_channel"
            ),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="notification_channel_is_known"),
            models.CheckConstraint(
                condition=~Q(channel="in_app") | Q(is_sent=True), name="notification_in_app_needs_no_sending"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(is_sent=False, failed_at=None), name="notification_due"
            ),
            models.Index(
                fields=["user", "-created_at"],
                condition=Q(channel="in_app", removed_at=None),
                name="notification_inbox",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> State:
        if self.is_sent:
            return State.SENT
        if self.failed_at:
            return State.FAILED
        return State.RETRYING if self.attempts else State.WAITING

    @property
    def had_secret(self) -> bool:
        """Whether this was a mail with a secret link: every other mail has a plain one."""
        return self.channel == Channel.EMAIL and not self.link
