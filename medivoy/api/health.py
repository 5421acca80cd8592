"""Is it alive, and are its stores there? 200 or 503; only an admin hears more.

Nothing outside the house is asked: a stranger could otherwise make us knock at our vendors' doors. What was found is
said again for a few seconds, so that nobody makes us knock at our own stores as often as they can ask (T67).
"""

import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar

import psycopg
import pymongo
import pymongo.errors
import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from medivoy.api.access import lacks_second_factor
from medivoy.api.envelope import ok
from medivoy.api.viewsets import BaseViewSet
from medivoy.core.errors import DomainError, Unavailable

SECONDS = 1
AWAY = (DatabaseError, psycopg.Error, redis.exceptions.RedisError, pymongo.errors.PyMongoError, OSError)


def ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def ask_redis() -> None:
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=SECONDS, socket_timeout=SECONDS) as client:
        client.ping()


def ask_mongodb() -> None:
    milliseconds = SECONDS * 1000
    with pymongo.MongoClient(
        settings.MONGODB_URL,
        serverSelectionTimeoutMS=milliseconds,
        connectTimeoutMS=milliseconds,
        socketTimeoutMS=milliseconds,
    ) as client:
        client.admin.command("ping")


KEPT_SECONDS = 3.0
STORES: dict[str, Callable[[], None]] = {"database": ask_database, "redis": ask_redis, "mongodb": ask_mongodb}


def probe(name: str) -> dict[str, Any]:
    """Ask a store whether it is there: `status` ok or away, and how long it took, in milliseconds."""
    began = time.monotonic()
    try:
        STORES[name]()
        status = "ok"
    except AWAY:
        status = "away"
    return {"status": status, "milliseconds": round((time.monotonic() - began) * 1000)}


class Findings:
    """What this process found of each store, and when; one thread asks at a time, the others hear its answer."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[float, dict[str, Any]]] = {}
        self._asking = {name: threading.Lock() for name in STORES}

    def of(self, name: str) -> dict[str, Any]:
        with self._asking[name]:
            asked_at, found = self._found.get(name, (0.0, {}))
            if not found or time.monotonic() - asked_at > KEPT_SECONDS:
                found = probe(name)
                self._found[name] = (time.monotonic(), found)
            return found

    def forget(self) -> None:
        self._found.clear()


findings = Findings()


class StoreReport(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["ok", "away"])
    milliseconds = serializers.IntegerField()


class HealthReport(serializers.Serializer[Any]):
    """The stores are named to admins only."""

    status = serializers.ChoiceField(choices=["ok"])
    database = StoreReport(required=False)
    redis = StoreReport(required=False)
    mongodb = StoreReport(required=False)


class HealthViewSet(BaseViewSet):
    """`/health`, `/health/db`, `/health/redis`, `/health/services`."""

    entity: ClassVar[str] = "health"
    generally_limited: ClassVar[bool] = False
    # Everybody may; to ask the table would be to ask the database who they are.
    permission_classes = ()
    serializer_class = HealthReport

    def receive(self, request: Request) -> None:
        """Whoever asks gets an answer, with a bad token or with the database away too."""

    def live(self, request: Request) -> Response:
        """The process answers; no store is asked."""
        return ok({"status": "ok"})

    def db(self, request: Request) -> Response:
        """PostgreSQL answers a query; 503 where it does not."""
        return self._report("database")

    def redis(self, request: Request) -> Response:
        """Redis answers a ping; 503 where it does not. The platform works without it, more slowly."""
        return self._report("redis")

    def services(self, request: Request) -> Response:
        """All stores answer; 503 where one does not."""
        return self._report(*STORES)

    def _report(self, *names: str) -> Response:
        found = {name: findings.of(name) for name in names}
        details = found if self._may_see_details() else {}
        if any(result["status"] != "ok" for result in found.values()):
            refusal = Unavailable(_("A store is away."))
            refusal.details = details
            raise refusal
        return ok({"status": "ok", **details})

    def _may_see_details(self) -> bool:
        try:
            user = self.request.user
            proven = user.is_authenticated and not lacks_second_factor(self.request)
            return bool(proven and user.may("health.details"))
        except (APIException, DomainError, *AWAY):
            return False
