"""One world for the whole suite, and a savepoint a call."""

import pytest

from tests.contract.calls import accounts, billing, bookings, clinical, hospitals, notifications
from tests.contract.world import build, taken_back

# Each says, by being imported, how its app's operations are called.
SAID = (accounts, billing, bookings, clinical, hospitals, notifications)


@pytest.fixture(scope="package")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), taken_back():
        yield build()
