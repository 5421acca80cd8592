from apps.notifications.models.notification import Channel, Notification

__all__ = ["Channel", "Notification"]
