"""The two tables of the doors themselves: answers given once, and the limiter's counters while Redis is away."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models

from medivoy.core import clock
from medivoy.core.models import Entry

KEY_LIFETIME = timedelta(hours=24)


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    def expired(self) -> Self:
        return self.filter(created_at__lt=clock.now() - KEY_LIFETIME)


class IdempotencyKey(Entry):
    """What a client calls one POST of theirs: its body's hash, the id of what it makes, and at last its answer.

    `user_id` is no foreign key: the row is gone in a day, and no door may hinder the erasure of a user.
    """

    user_id = models.UUIDField()
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=255)
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    resource_id = models.UUIDField()
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)

    objects = IdempotencyKeyQuerySet.as_manager()

    class Meta(Entry.Meta):
        db_table = "idempotency_keys"
        constraints = [
            models.UniqueConstraint(fields=["user_id", "method", "path", "key"], name="idempotency_key_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.key}"

    @property
    def lock_number(self) -> int:
        """The number of the advisory lock that whoever works on this key holds: 64 bits of a random id."""
        return int.from_bytes(uuid.UUID(str(self.id)).bytes[8:], "big", signed=True)


class LimitCounterQuerySet(models.QuerySet["LimitCounter"]):
    def expired(self, at: datetime) -> Self:
        return self.filter(expires_at__lt=at)


class LimitCounter(models.Model):
    """One limit's count for one caller (hashed), used while Redis is away."""

    key = models.CharField(max_length=100, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = LimitCounterQuerySet.as_manager()

    class Meta:
        db_table = "limit_counters"
        indexes = [models.Index(fields=["expires_at"], name="limit_counter_age")]

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
