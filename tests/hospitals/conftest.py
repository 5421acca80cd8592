"""Who acts in the tests of the catalogue, and where."""

import pytest

from tests.factories.accounts import UserFactory
from tests.factories.hospitals import HospitalFactory


@pytest.fixture
def admin(db):
    return UserFactory(admin=True)


@pytest.fixture
def coordinator(db):
    return UserFactory(coordinator=True)


@pytest.fixture
def patient(db):
    return UserFactory()


@pytest.fixture
def hospital(db):
    return HospitalFactory(name="Apollo Heart Hospital")


@pytest.fixture
def owner(hospital):
    """The administrator of `hospital`."""
    return hospital.admin_user


@pytest.fixture
def stranger(db):
    """The administrator of another hospital."""
    return HospitalFactory().admin_user
