"""What the tests of billing share."""

import pytest

from apps.billing.gateways import registry
from tests.factories.accounts import UserFactory
from tests.factories.billing import FakeGateway, owing


@pytest.fixture
def booking(db):
    """A booking in payment_pending: 1,000.00 USD, 200.00 of it before travel."""
    return owing()


@pytest.fixture
def patient(booking):
    return booking.patient.user


@pytest.fixture
def coordinator(booking):
    return booking.coordinator


@pytest.fixture
def admin(db):
    return UserFactory(admin=True)


@pytest.fixture
def gateway(monkeypatch):
    """Another gateway, `stripe`, that does as the test says."""
    fake = FakeGateway()
    monkeypatch.setitem(registry.ADAPTERS, fake.code, lambda: fake)
    return fake
