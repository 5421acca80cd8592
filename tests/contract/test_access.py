"""Every operation × every kind of caller, really executed, against access.toml."""

import re

import pytest
from django.db import connection
from django.db.models import Max
from django.test.utils import CaptureQueriesContext

from apps.accounts import roles
from apps.accounts.models import AuditEntry
from medivoy.core.ids import uuid7
from tests.contract.call import call_of, send
from tests.contract.routes import operations
from tests.contract.table import TABLE, expected_of
from tests.contract.world import ANYBODY, CALLERS, taken_back
from tests.trail import unsigned_writes

OPERATIONS = operations()
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
# What a refusal may write: the doors' own books, which hold no one's data, and that it was refused.
OWN_BOOKS = re.compile(r"(idempotency_keys|limit_counters|audit_entries|SAVEPOINT)")
UNPROVEN = "403m"
ROLE_OF = {"other_patient": "patient", "unverified": "patient", "deactivated": "patient"}


def cell_of(answer):
    """How an answer stands in the table: its status, or 403m for email_not_verified."""
    if answer.status_code == 403 and answer.json()["code"] == "email_not_verified":
        return UNPROVEN
    return str(answer.status_code)


def faceless(answer):
    """An answer without what is new in each."""
    volatile = {"X-Request-ID", "RateLimit-Remaining", "RateLimit-Reset"}
    return answer.status_code, answer.content, {k: v for k, v in answer.headers.items() if k not in volatile}


def newest_entry():
    return AuditEntry.objects.aggregate(newest=Max("pk"))["newest"] or 0


def refuse_unsigned_entries(newest, seen, caller):
    """T61: whatever a call changed is in somebody's name: the caller's, where the door asks who they are."""
    assert not unsigned_writes(seen), "something was written outside of the writing context"
    names = set(AuditEntry.objects.filter(pk__gt=newest).values_list("actor", flat=True))
    assert "unknown" not in names
    assert caller is None or names <= {str(caller.pk)}, f"not in the caller's name, but of {names}"


def test_the_columns_are_the_callers():
    assert TABLE["callers"] == list(CALLERS)


def test_no_line_is_left_over():
    assert set(TABLE["access"]) == {operation.name for operation in OPERATIONS}


def test_every_operation_of_the_roles_is_a_route():
    """T16: what nobody serves, nobody is allowed."""
    assert set(roles.OPERATIONS) == {operation.name for operation in OPERATIONS}


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_the_table_and_the_roles_agree(operation):
    """A role that may not do it at all hears 401 or 403, never 404 or more."""
    for caller, cell in expected_of(operation.name).items():
        if roles.is_public(operation.name):
            assert cell != "403" or operation.writes, caller
        elif caller in (ANYBODY, "deactivated"):
            assert cell == "401", caller
        else:
            role = ROLE_OF.get(caller, caller.removeprefix("other_"))
            assert roles.role_may(role, operation.name) or cell == "403", caller


@pytest.mark.django_db
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_each_caller_gets_what_the_table_says(operation, world):
    """T16, T17, T18: the status, no trace of a refused call, and no telling another's row from none; T61: whatever is
    written is in the caller's name."""
    expected, found = expected_of(operation.name), {}
    for caller in CALLERS:
        with taken_back():
            call = call_of(operation, world, caller)
            newest = newest_entry()
            with CaptureQueriesContext(connection) as seen:
                answer = send(operation, call, world, caller)
            is_asked = bool(operation.view.authentication_classes)
            refuse_unsigned_entries(newest, seen, world.users.get(caller) if is_asked else None)
            found[caller] = cell_of(answer)
            if answer.status_code >= 400:
                written = [q["sql"] for q in seen if WRITES.match(q["sql"]) and not OWN_BOOKS.search(q["sql"])]
                assert not written, f"{caller} was refused ({answer.status_code}), yet {written}"
            if answer.status_code == 404 and "pk" in call.path and not roles.is_public(operation.name):
                assert faceless(send(operation, call, world, caller, pk=uuid7())) == faceless(answer), caller
    wrong = {caller: (expected[caller], found[caller]) for caller in CALLERS if found[caller] != expected[caller]}
    line = f'"{operation.name}" = "{" ".join(found.values())}"'
    assert not wrong, f"(expected, found) by caller: {wrong}; the line found is\n{line}"
