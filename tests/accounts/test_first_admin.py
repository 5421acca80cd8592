"""`manage.py first_admin`: into an empty platform, and no further."""

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import User
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "another-Long-one-4711"


@pytest.fixture(autouse=True)
def empty():
    """No other test's administrator."""
    User.objects.filter(user_type="admin").update(is_active=False)


def run(capsys, email="Amara@Example.test"):
    call_command("first_admin", email)
    return capsys.readouterr().out


def token_in(out):
    return out.partition("token=")[2].split()[0]


def test_its_link_sets_the_password(capsys, api):
    token = token_in(run(capsys))

    assert api.post("/auth/accept-invitation", {"token": token, "password": PASSWORD}).status_code == 200
    user = User.objects.get(email="amara@example.test")
    assert (user.user_type, user.is_verified) == ("admin", True)
    with pytest.raises(CommandError):
        run(capsys)


def test_the_link_can_be_had_again_until_it_is_used(capsys, api):
    first, second = token_in(run(capsys)), token_in(run(capsys))

    assert api.post("/auth/accept-invitation", {"token": first, "password": PASSWORD}).status_code == 400
    assert api.post("/auth/accept-invitation", {"token": second, "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("email", ["amara@example.test", "admin@example.test"])
def test_it_is_refused_where_there_is_an_administrator(capsys, email):
    UserFactory(admin=True, email="admin@example.test")

    with pytest.raises(CommandError):
        run(capsys, email)
    assert User.objects.filter(user_type="admin", is_active=True).count() == 1


@pytest.mark.parametrize("email", ["nobody", "taken@example.test"])
def test_a_bad_or_taken_address_is_refused(capsys, email):
    UserFactory(email="taken@example.test")

    with pytest.raises(CommandError):
        run(capsys, email)
