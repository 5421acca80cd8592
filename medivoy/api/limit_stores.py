"""Where the limiter counts: Redis, by scripts that are atomic there; while Redis is away PostgreSQL, by one statement.

Redis gets a quarter of a second at most; after a failure nobody asks it for five.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import redis
from django.conf import settings
from django.db import connection
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 0.1
ANSWER_SECONDS = 0.15
REST_SECONDS = 5.0

COUNT_SCRIPT = """
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if count == 1 or left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {count, left}
"""

# ARGV: free attempts, first wait, longest wait, window; all in milliseconds but the first.
ATTEMPT_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local count = tonumber(redis.call('HGET', KEYS[1], 'count') or '0')
local last = tonumber(redis.call('HGET', KEYS[1], 'last') or '0')
local over = count - tonumber(ARGV[1])
if over >= 0 then
  local wait = math.min(tonumber(ARGV[2]) * 2 ^ math.min(over, 30), tonumber(ARGV[3]))
  if now < last + wait then return last + wait - now end
end
redis.call('HSET', KEYS[1], 'count', count + 1, 'last', now)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 0
"""

COUNT_SQL = """
INSERT INTO limit_counters AS c (key, count, last_at, expires_at)
VALUES (%(key)s, 1, clock_timestamp(), clock_timestamp() + %(window)s * interval '1 ms')
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN c.expires_at <= clock_timestamp() THEN 1 ELSE c.count + 1 END,
  expires_at = CASE WHEN c.expires_at <= clock_timestamp() THEN excluded.expires_at ELSE c.expires_at END,
  last_at = clock_timestamp()
RETURNING count, greatest(0, extract(epoch FROM expires_at - clock_timestamp()) * 1000)::bigint
"""

ATTEMPT_SQL = """
INSERT INTO limit_counters AS c (key, count, last_at, expires_at)
VALUES (%(key)s, 1, clock_timestamp(), clock_timestamp() + %(window)s * interval '1 ms')
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN c.expires_at <= clock_timestamp() THEN 1 ELSE c.count + 1 END,
  expires_at = excluded.expires_at,
  last_at = clock_timestamp()
WHERE c.expires_at <= clock_timestamp()
   OR c.count < %(free)s
   OR clock_timestamp() >= c.last_at
      + least(%(first)s * 2 ^ least(c.count - %(free)s, 30), %(longest)s) * interval '1 ms'
RETURNING 0
"""

WAIT_SQL = """
SELECT greatest(1, extract(epoch FROM last_at - clock_timestamp()) * 1000
  + least(%(first)s * 2 ^ least(count - %(free)s, 30), %(longest)s))::bigint
FROM limit_counters WHERE key = %(key)s
"""


class Store(Protocol):
    def count(self, key: str, window: int) -> tuple[int, int]:
        """Count one more in `key`'s window (milliseconds, from its first hit); return the count and what is left."""

    def attempt(self, key: str, free: int, first: int, longest: int, window: int) -> int:
        """Count one more attempt and return 0, or count nothing and return the milliseconds still to wait."""

    def forget(self, keys: list[str]) -> None:
        """Begin anew for `keys`."""

    def remember(self, key: str, window: int) -> None:
        """Note `key` for `window` milliseconds."""

    def remembers(self, key: str) -> bool:
        """Whether `key` is noted."""


class RedisStore:
    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            # Once more where an idle connection turns out to be dead, which costs nothing; never after a time-out.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.exceptions.ConnectionError,)),
        )
        self._count = self._redis.register_script(COUNT_SCRIPT)
        self._attempt = self._redis.register_script(ATTEMPT_SCRIPT)

    def count(self, key: str, window: int) -> tuple[int, int]:
        count, left = self._count(keys=[key], args=[window])
        return int(count), int(left)

    def attempt(self, key: str, free: int, first: int, longest: int, window: int) -> int:
        return int(self._attempt(keys=[key], args=[free, first, longest, window]))

    def forget(self, keys: list[str]) -> None:
        self._redis.delete(*keys)

    def remember(self, key: str, window: int) -> None:
        self._redis.set(key, 1, px=window)

    def remembers(self, key: str) -> bool:
        return bool(self._redis.exists(key))


class PostgresStore:
    """The same, one statement each, on a connection of its own where a transaction is open: a refusal that rolls the
    caller back must not roll its attempt back."""

    def count(self, key: str, window: int) -> tuple[int, int]:
        count, left = self._row(COUNT_SQL, key=key, window=window)
        return int(count), int(left)

    def attempt(self, key: str, free: int, first: int, longest: int, window: int) -> int:
        values = {"key": key, "free": free, "first": first, "longest": longest, "window": window}
        if self._row(ATTEMPT_SQL, **values) is not None:
            return 0
        wait = self._row(WAIT_SQL, **values)
        return int(wait[0]) if wait else 1

    def forget(self, keys: list[str]) -> None:
        self._row("DELETE FROM limit_counters WHERE key = ANY(%(keys)s) RETURNING 0", keys=keys)

    def remember(self, key: str, window: int) -> None:
        self._row(COUNT_SQL, key=key, window=window)

    def remembers(self, key: str) -> bool:
        sql = "SELECT 1 FROM limit_counters WHERE key = %(key)s AND expires_at > clock_timestamp()"
        return self._row(sql, key=key) is not None

    @staticmethod
    @contextmanager
    def _connection() -> Iterator[Any]:
        if not connection.in_atomic_block:
            yield connection
            return
        own = connection.copy()
        try:
            yield own
        finally:
            own.close()

    def _row(self, sql: str, **values: Any) -> Any:
        with self._connection() as open_connection, open_connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone()


class Stores:
    """Redis while it answers, PostgreSQL while it does not."""

    def __init__(self) -> None:
        self._redis: dict[str, RedisStore] = {}
        self._postgres = PostgresStore()
        self._resting_until = 0.0

    def call(self, method: str, *args: Any) -> Any:
        if time.monotonic() >= self._resting_until:
            try:
                return getattr(self._in_redis(), method)(*args)
            except redis.exceptions.RedisError as error:
                logger.warning("limits are counted in PostgreSQL: Redis is away (%s)", type(error).__name__)
                self._resting_until = time.monotonic() + REST_SECONDS
        return getattr(self._postgres, method)(*args)

    def wake(self) -> None:
        """Ask Redis again at once."""
        self._resting_until = 0.0

    def _in_redis(self) -> RedisStore:
        url = settings.REDIS_URL
        if url not in self._redis:
            self._redis[url] = RedisStore(url)
        return self._redis[url]


stores = Stores()
