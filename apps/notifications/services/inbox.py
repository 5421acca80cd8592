"""What a person does with the news that they were told in the app."""

from typing import Any

from apps.notifications.models import Notification
from medivoy.core import clock


def mark_read(notification: Notification, *, actor: Any) -> Notification:
    """Note that `actor` has read it. One that was read before keeps its time."""
    read = Notification.objects.visible_to(actor).unread().filter(pk=notification.pk)
    read.update(is_read=True, read_at=clock.now())
    return notification


def mark_all_read(*, actor: Any) -> int:
    """Note that `actor` has read all they were told; return how many were new."""
    return Notification.objects.visible_to(actor).unread().update(is_read=True, read_at=clock.now())


def remove(notification: Notification, *, actor: Any) -> None:
    """Take it out of the list of `actor`.

    The row stays: it is what keeps the same event, told again by a clock, from coming back.
    """
    Notification.objects.visible_to(actor).filter(pk=notification.pk).update(removed_at=clock.now())
