"""Numbers that people say on the telephone: `MB-2026-000123`, and gapless ones for invoices."""

from django.db import connection

from medivoy.core import clock

# The prefix of each plain series and its PostgreSQL sequence (made in core's migrations).
SERIES = ("MB", "QT", "RC", "TX", "RF")


def next_number(prefix: str) -> str:
    """Return the next number of a plain series, such as `MB-2026-000123`. Unique under concurrency, gaps possible."""
    if prefix not in SERIES:
        raise ValueError(f"no such series: {prefix}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [f"number_{prefix.lower()}"])
        (value,) = cursor.fetchone()
    return f"{prefix}-{clock.now():%Y}-{value:06d}"


def next_gapless(series: str) -> int:
    """Return the next value of `series` without a gap, such as `INV-MV-2026`.

    Call it in the transaction that uses the number: the series stays locked until that transaction ends, and a
    rollback gives the number back.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO counters (series, value) VALUES (%s, 1) "
            "ON CONFLICT (series) DO UPDATE SET value = counters.value + 1 RETURNING value",
            [series],
        )
        (value,) = cursor.fetchone()
    return int(value)
