from apps.notifications.models.notification import Channel, Notification, State

__all__ = ["Channel", "Notification", "State"]
