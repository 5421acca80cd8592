"""Who makes which accounts, whatever door asks."""

import pytest

from apps.accounts.errors import AlreadyRegistered
from apps.accounts.models import User
from apps.accounts.roles import APPOINTED, SELF_REGISTERED, Role
from apps.accounts.services.registration import SignUp, register_user
from apps.accounts.services.staff import appoint
from medivoy.core.errors import InvalidInput, Refused
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def newcomer(role):
    return User(email="nia@example.test", user_type=role)


@pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.ADMIN}))
def test_t15_only_admins_appoint(role):
    """T15: the service refuses by itself."""
    with pytest.raises(Refused):
        appoint(newcomer(Role.ADMIN), actor=UserFactory(user_type=role))
    assert not User.objects.filter(email="nia@example.test").exists()


def test_a_deactivated_admin_appoints_nobody():
    with pytest.raises(Refused):
        appoint(newcomer(Role.ADMIN), actor=UserFactory(admin=True, deactivated=True))


@pytest.mark.parametrize("role", sorted(SELF_REGISTERED))
def test_t1_patients_and_doctors_are_not_appointed(role):
    """T1."""
    with pytest.raises(InvalidInput):
        appoint(newcomer(role), actor=UserFactory(admin=True))


@pytest.mark.parametrize("role", sorted(APPOINTED))
def test_t1_the_appointed_do_not_register(role):
    """T1."""
    person = SignUp(email="nia@example.test", password="correct-horse-battery-7", first_name="Nia", last_name="Rao")

    with pytest.raises(InvalidInput):
        register_user(person, user_type=role)


def test_every_role_is_made_in_one_way():
    assert not APPOINTED & SELF_REGISTERED
    assert set(Role.values) == APPOINTED | SELF_REGISTERED


def test_a_known_address_is_refused():
    UserFactory(email="nia@example.test")

    with pytest.raises(AlreadyRegistered):
        appoint(newcomer(Role.ADMIN), actor=UserFactory(admin=True))
