"""Every operation that takes an Idempotency-Key, found by walking the URLconf (T36)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.contract.call import call_of, send
from tests.contract.routes import operations
from tests.contract.table import somebody_who_may
from tests.contract.test_access import OWN_BOOKS, WRITES
from tests.contract.world import taken_back

KEYED = [operation for operation in operations() if operation.action in operation.view.idempotent]
KEY = {"Idempotency-Key": "the-same"}

pytestmark = pytest.mark.django_db


def test_what_creates_money_or_bookings_takes_a_key():
    wanted = {"booking.create", "booking.quotation", "payment.create", "payment.refund", "invoice.create"}
    assert wanted <= {operation.name for operation in KEYED}


@pytest.mark.parametrize("operation", KEYED, ids=str)
def test_the_same_key_and_body_get_the_first_answer_and_write_nothing(operation, world):
    caller = somebody_who_may(operation.name)
    with taken_back():
        call = call_of(operation, world, caller).with_headers(KEY)
        first = send(operation, call, world, caller)
        with CaptureQueriesContext(connection) as seen:
            second = send(operation, call, world, caller)
        assert first.status_code in (200, 201), first.content
        assert (second.status_code, second.content) == (first.status_code, first.content)
        assert not [q["sql"] for q in seen if WRITES.match(q["sql"]) and not OWN_BOOKS.search(q["sql"])]


@pytest.mark.parametrize("operation", KEYED, ids=str)
def test_the_same_key_with_another_body_is_409(operation, world):
    caller = somebody_who_may(operation.name)
    with taken_back():
        call = call_of(operation, world, caller).with_headers(KEY)
        assert send(operation, call, world, caller).status_code in (200, 201)
        other = send(operation, call.saying({**call.body, "and": "more"}), world, caller)
        assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
