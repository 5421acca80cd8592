"""What others' servers post to us is believed by its signature alone, at every hook that there is."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.contract.call import call_of, send
from tests.contract.routes import operations
from tests.contract.world import ANYBODY, taken_back

pytestmark = pytest.mark.django_db
HOOKS = [operation for operation in operations() if "webhook" in operation.path]
WRITES = ("INSERT", "UPDATE", "DELETE", "MERGE")


def post(hook, call, world):
    """Return the status, and whether anything was written."""
    with taken_back(), CaptureQueriesContext(connection) as queries:
        status = send(hook, call, world, ANYBODY).status_code
    return status, any(query["sql"].lstrip().upper().startswith(WRITES) for query in queries)


@pytest.mark.parametrize("hook", HOOKS, ids=str)
def test_t70_no_hook_takes_what_is_not_signed(hook, world):
    """T31, T70: unsigned, or with what others sign by, the very call that is good when signed leaves nothing."""
    call = call_of(hook, world, ANYBODY)
    assert post(hook, call, world) == (200, True)

    for headers in ({}, {"X-Twilio-Signature": "c2lnbmVk"}, {"Stripe-Signature": "t=1,v1=00"}):
        assert post(hook, replace(call, headers=headers), world) == (400, False)
