"""One POST, one effect: `Idempotency-Key` names a request, and the same name gets the first answer again.

The key's row is written first, in a transaction of its own, with the id that the new thing will have. Whoever works
on it holds a session lock of PostgreSQL, not a column: a lock dies with its process, so after a crash the retry
resumes under the same id instead of hearing "in progress" for a day. The answer is stored in the transaction that did
the work. Refusals free the key; what broke on our side keeps it, unanswered, for the retry.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import orjson
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from medivoy.api import exceptions
from medivoy.api.envelope import to_json
from medivoy.api.models import IdempotencyKey
from medivoy.core import clock
from medivoy.core.errors import Conflict, InvalidInput
from medivoy.core.ids import uuid7

logger = logging.getLogger(__name__)

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
TRIES = 3


class KeyReused(Conflict):
    code = "idempotency_key_reused"
    message = _("This idempotency key was used for another request.")


class InProgress(Conflict):
    code = "idempotency_in_progress"
    message = _("The first request with this idempotency key is still being worked on.")


def read_key(request: Request) -> str | None:
    """Return the header's text, None without it; 400 where it is empty, too long or not printable ASCII."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise InvalidInput({HEADER: [_("This must be 1 to 255 printable ASCII characters.")]})
    return key


def answer_once(
    request: Request, open_transaction: Callable[[], AbstractContextManager[None]], act: Callable[[], Response]
) -> Response:
    """Run `act` inside `open_transaction`, or answer what it answered the first time.

    `request.resource_id` is the id of what `act` makes; with a key it stays the same over retries.
    """
    key = read_key(request)
    if key is None:
        request.resource_id = uuid7()
        with open_transaction():
            return act()
    with _claimed(request, key) as claim:
        if claim.status is not None:
            return Response(orjson.loads(claim.answer), status=claim.status)
        request.resource_id = claim.resource_id
        try:
            with open_transaction():
                response = act()
                _keep(claim, response)
        except Exception as error:
            if _is_refusal(error):
                claim.delete()
            raise
        return response


def _is_refusal(error: Exception) -> bool:
    failure = exceptions.read(error)
    return failure is not None and failure.status < 500


def _keep(claim: IdempotencyKey, response: Response) -> None:
    if not 200 <= response.status_code < 300:
        claim.delete()
        return
    claim.status, claim.answer = response.status_code, to_json(response.data).decode()
    claim.save(update_fields=["status", "answer"])


@contextmanager
def _claimed(request: Request, key: str) -> Iterator[IdempotencyKey]:
    """Hold the key's lock and give its row; 409 where another holds it or the body is another."""
    body_hash = hashlib.sha256(request.body).hexdigest()
    for _attempt in range(TRIES):
        row = _find_or_write(request, key, body_hash)
        if row.body_hash != body_hash:
            raise KeyReused
        if not _try_lock(row.lock_number):
            raise InProgress
        try:
            # Between reading and locking, another may have answered it, or freed it by a refusal.
            fresh = IdempotencyKey.objects.filter(pk=row.pk).first()
            if fresh is not None:
                yield fresh
                return
        finally:
            _unlock(row.lock_number)
    raise InProgress


def _find_or_write(request: Request, key: str, body_hash: str) -> IdempotencyKey:
    name = {"user_id": request.user.pk, "method": request.method, "path": request.path[:255], "key": key}
    IdempotencyKey.objects.filter(**name).expired().delete()
    row = IdempotencyKey(**name, body_hash=body_hash, resource_id=uuid7(), created_at=clock.now())
    with transaction.atomic():
        IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
    return IdempotencyKey.objects.filter(**name).first() or row


def _try_lock(number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def _unlock(number: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
    except DatabaseError:
        # The connection is gone, and the lock with it.
        logger.warning("lock of an idempotency key not released: the connection is lost")
