"""A notification as its reader sees it."""

from typing import Any

from rest_framework import serializers

from apps.notifications.models import Notification
from medivoy.api.fields import InstantField


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """News in the words in which they were told; the client leads to what they are about by `reference_…`."""

    read_at = InstantField(read_only=True, allow_null=True)
    created_at = InstantField(read_only=True)

    class Meta:
        model = Notification
        fields = [
            "id",
            "type",
            "title",
            "message",
            "reference_type",
            "reference_id",
            "channel",
            "is_read",
            "read_at",
            "created_at",
        ]
        read_only_fields = fields


class Marked(serializers.Serializer[Any]):
    """How many were marked as read."""

    marked = serializers.IntegerField(min_value=0)
