"""The people around one booking."""

import pytest

from tests.factories.accounts import UserFactory


@pytest.fixture
def coordinator(db):
    """The only coordinator: every case is theirs."""
    return UserFactory(coordinator=True)


@pytest.fixture
def admin(db):
    return UserFactory(admin=True)
