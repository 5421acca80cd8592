"""How many queries something costs."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


def queries(act: Callable[[], Any]) -> int:
    """Return the number of queries that `act()` makes."""
    with CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)
