"""Housekeeping of the doors' own tables."""

from datetime import timedelta

from medivoy.api.models import IdempotencyKey, LimitCounter
from medivoy.core import clock
from medivoy.core.context import writing
from medivoy.core.schedule import scheduled


@scheduled("api.forget_expired", every=timedelta(hours=1))
def forget_expired() -> str:
    """Delete idempotency keys older than a day, and counts whose window is over."""
    with writing(None):
        keys, _by_table = IdempotencyKey.objects.expired().delete()
        counts, _by_table = LimitCounter.objects.expired(clock.now()).delete()
    return f"{keys} idempotency keys and {counts} counts deleted"
