"""Forgetting what somebody was told."""

import uuid

from apps.notifications.models import Notification


def forget_notifications(user_id: uuid.UUID) -> None:
    """Delete all news and mails of the user, sent or not: each holds an address, or words for them alone."""
    Notification.objects.filter(user=user_id).delete()
