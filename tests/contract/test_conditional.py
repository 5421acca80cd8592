"""ETag, If-None-Match and If-Match wherever the contract promises them, found by walking the URLconf."""

import re

import pytest

from apps.accounts import roles
from tests.contract.call import call_of, send
from tests.contract.routes import operations
from tests.contract.table import somebody_who_may
from tests.contract.world import taken_back

OPERATIONS = operations()
TAGGED = [o for o in OPERATIONS if o.method == "GET" and (o.action == "retrieve" or o.is_list)]
VERSIONED = [o for o in OPERATIONS if o.method in ("PATCH", "DELETE") and o.action not in o.view.unversioned]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("operation", TAGGED, ids=str)
def test_what_is_read_has_a_tag_and_is_not_sent_twice(operation, world):
    caller = somebody_who_may(operation.name)
    with taken_back():
        call = call_of(operation, world, caller)
        first = send(operation, call, world, caller)
        if operation.is_list and not roles.is_public(operation.name):
            assert "ETag" not in first
            return
        version = "0" if operation.is_list else r"[1-9]\d*"
        assert re.fullmatch(rf'"{version}\.[0-9a-f]{{20}}"', first["ETag"])
        again = send(operation, call.with_headers({"If-None-Match": f"W/{first['ETag']}"}), world, caller)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


@pytest.mark.parametrize("operation", VERSIONED, ids=str)
def test_a_change_of_another_version_is_refused(operation, world):
    """An operation that changes no one row says so in its viewset's `unversioned`."""
    caller = somebody_who_may(operation.name)
    with taken_back():
        call = call_of(operation, world, caller).with_headers({"If-Match": '"999999.x"'})
        answer = send(operation, call, world, caller)
        assert (answer.status_code, answer.json().get("code")) == (412, "version_mismatch")


@pytest.mark.parametrize("operation", VERSIONED, ids=str)
def test_a_change_of_any_version_goes_through(operation, world):
    caller = somebody_who_may(operation.name)
    with taken_back():
        call = call_of(operation, world, caller).with_headers({"If-Match": "*"})
        assert send(operation, call, world, caller).status_code == 200
