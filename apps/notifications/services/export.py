"""What somebody takes away of the news that they were told."""

from collections.abc import Iterator
from typing import Any

from apps.notifications.models import Notification
from medivoy.core.archive import Archive


def add_notifications(archive: Archive, user: Any) -> None:
    """Add every message that was written to `user`, by whatever channel; never the links that let somebody in."""
    archive.add_rows("notifications.json", _messages(user))


def _messages(user: Any) -> Iterator[dict[str, Any]]:
    for row in Notification.objects.filter(user=user).order_by("created_at", "pk").iterator():
        yield {
            "channel": row.channel,
            "type": row.type,
            "title": row.title,
            "message": row.message,
            "language": row.language,
            "about": row.reference_type,
            "about_id": row.reference_id,
            "address": row.address,
            "created_at": row.created_at,
            "sent_at": row.sent_at,
            "read_at": row.read_at,
        }
