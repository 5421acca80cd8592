"""People who ask, with real tokens: what the accounts' own tests are about."""

import pytest

from apps.accounts.services.sessions import Device, open_session
from apps.notifications.models import Channel, Notification
from medivoy.core import clock
from tests.factories.accounts import UserFactory


@pytest.fixture
def user(db):
    return UserFactory()


@pytest.fixture
def sign_in(api):
    """Sign `user` in without a password; return their tokens."""
    return lambda user: open_session(user, device=Device())


@pytest.fixture
def bearer(api, sign_in):
    """Return a client that sends an access token, as real clients do."""

    def client_of(user, *, token=None):
        client = type(api)()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token or sign_in(user).access_token}")
        return client

    return client_of


@pytest.fixture
def mailed_secret():
    """Return the token in the newest mail of a kind to a user: what only its reader holds."""

    def read(user, kind):
        mail = Notification.objects.filter(user=user, type=kind, channel=Channel.EMAIL).latest("created_at")
        return mail.secret_link.partition("token=")[2]

    return read


@pytest.fixture
def steady_clock():
    """Let no step of 30 seconds end between reading a code and giving it."""
    with clock.at(clock.now().replace(second=10, microsecond=0)):
        yield
