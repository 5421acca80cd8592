"""Nonsense in every part of every operation: no fault of ours, an answer within a second, in the schema's shape (T57).

Calls are made by somebody who may, so that the nonsense gets as far as it can.
"""

import itertools
import json
import time

import pytest

from tests import figures
from tests.contract.call import JSON, call_of, send
from tests.contract.routes import operations
from tests.contract.table import somebody_who_may
from tests.contract.world import taken_back

OPERATIONS = operations()
# Of this process's own work; what a busy machine adds is nobody's fault.
CPU_SECONDS, SECONDS = 1.0, 10.0

TEXTS = [
    "",
    " ",
    "\x7f",
    "null",
    "-1",
    "1e999",
    "٣",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "%s%n",
    "../../etc/passwd",
]
VALUES = [
    None,
    True,
    [],
    {},
    0,
    -1,
    1.5,
    10**38,
    [[]],
    [None],
    {"$ne": None},
    {"a": {"b": []}},
    "x" * 100_000,
    "\u202e\u0660",
    "2027-02-30",
    "0001-01-01",
    "9999-12-31",
    "2027-01-01T00:00:00",
    "9999-12-31T23:59:59-14:00",
    "00000000-0000-0000-0000-000000000000",
    *TEXTS,
]
IDS = [
    "0",
    "-1",
    "x",
    "%00",
    "%20",
    "..%2f",
    "' OR 1=1 --",
    "00000000-0000-0000-0000-000000000000",
    "x" * 500,
    "%ff%fe",
    "٣",
]
HEADERS = [
    {"If-Match": '"999999999999999999999.x"'},
    {"If-Match": "\x00"},
    {"If-None-Match": '"' * 1000},
    {"Idempotency-Key": "\x00" * 3},
    {"Idempotency-Key": "k" * 300},
    {"Accept-Language": "x" * 5000},
    {"Accept": "\xff"},
    {"X-Request-ID": "\n" * 10},
    {"Authorization": "Bearer " + "x" * 9000},
    {"Authorization": "Basic \xff"},
    {"Content-Length": "x"},
    {"Range": "bytes=0-"},
]
BODIES = [
    b"",
    b"{",
    b"[]",
    b"\xff",
    b'{"a": NaN}',
    b'{"a":' * 5000,
    json.dumps({"x": "y" * 10**6}).encode(),
]
QUERIES = [
    "%00",
    "x" * 1000,
    "9" * 400,
    "-1",
    "1e999",
    "NaN",
    "%F0%9F%92%A9",
    "%ed%a0%80",
    "[]",
    "a,b",
    "true",
    "2027-02-30",
]
SHARE = 3
PARAMETERS = ["page", "limit", "cursor", "count", "ordering", "search", "lang", "format"]


def took():
    return time.monotonic(), time.thread_time()


def check(answer, began, what):
    assert answer.status_code < 500, f"{answer.status_code} for {what!r:.300}"
    passed, worked = (now - then for now, then in zip(took(), began, strict=True))
    assert passed < SECONDS, f"{passed:.1f} s for {what!r:.300}"
    assert worked < CPU_SECONDS, f"{worked:.1f} s of work for {what!r:.300}"


class Attack:
    """One operation, asked again and again, each time with something else out of order."""

    def __init__(self, operation, world):
        self.operation, self.world = operation, world
        self.caller = somebody_who_may(operation.name)

    def send(self, change, what, **others):
        with taken_back():
            call = change(call_of(self.operation, self.world, self.caller))
            began = took()
            check(send(self.operation, call, self.world, self.caller, **others), began, what)


@pytest.fixture
def attack(world):
    return lambda operation: Attack(operation, world)


def each_with_each(names, values):
    """Every name with every value on a soak; else every name with one, and every value with one."""
    if figures.SOAK:
        return itertools.product(names, values)
    longest = max(len(names), len(values)) if names else 0
    return itertools.islice(zip(itertools.cycle(names), itertools.cycle(values), strict=False), longest)


@pytest.mark.django_db
@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.action in o.view.serializers], ids=str)
def test_in_the_body(operation, attack):
    at = attack(operation)
    names = list(operation.view.serializers[operation.action]().fields)
    for value in VALUES:
        at.send(lambda call, v=value: call.saying(dict.fromkeys(names, v)), value)
    for name, value in each_with_each(names, VALUES):
        at.send(lambda call, n=name, v=value: call.saying({**good(call), n: v}), (name, value))
    for raw in BODIES:
        at.send(lambda call, r=raw: call.saying(r, content_type=JSON + "; charset=x"), raw)


def good(call):
    return call.body if isinstance(call.body, dict) else {}


@pytest.mark.django_db
@pytest.mark.parametrize("operation", [o for o in OPERATIONS if not o.writes or o.action in o.view.queries], ids=str)
def test_in_the_query(operation, attack):
    at = attack(operation)
    filters = getattr(operation.view.filterset_class, "base_filters", {}) if operation.is_list else {}
    query = operation.view.queries.get(operation.action)
    names = [*filters, *(query().fields if query else ()), *PARAMETERS]
    for value in QUERIES:
        at.send(lambda call, v=value: call.asking("&".join(f"{name}={v}" for name in names)), value)
    for name, value in each_with_each(names, QUERIES):
        at.send(lambda call, n=name, v=value: call.asking(f"{n}={v}"), (name, value))


@pytest.mark.django_db
@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.variables], ids=str)
def test_in_the_path(operation, attack):
    at = attack(operation)
    for name, value in itertools.product(operation.variables, IDS):
        at.send(lambda call: call, (name, value), **{name: value})


@pytest.mark.django_db
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_in_the_headers(operation, attack):
    """Headers are read before the operation: each gets a share of them, and all of them on a soak."""
    at = attack(operation)
    start = OPERATIONS.index(operation) * SHARE
    wanted = len(HEADERS) if figures.SOAK else SHARE
    for headers in itertools.islice(itertools.cycle(HEADERS), start, start + wanted):
        at.send(lambda call, h=headers: call.with_headers(h), headers)
