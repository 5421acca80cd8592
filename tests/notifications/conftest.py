import pytest

from apps.notifications.channels.message import ChannelError
from apps.notifications.services.delivery import deliver_due
from tests.factories.accounts import UserFactory
from tests.peers.smtp import mail_server


class Postbox:
    """A channel that keeps what it is given; `errors` are raised first, one a message."""

    def __init__(self):
        self.messages, self.errors, self.is_closed = [], [], False

    def send(self, message):
        if self.errors:
            raise self.errors.pop(0)
        self.messages.append(message)

    def close(self):
        self.is_closed = True


def no_attachment(kind, pk, language):
    raise ChannelError(f"no attachment of kind {kind}", permanent=True)


@pytest.fixture
def postbox():
    return Postbox()


@pytest.fixture
def deliver(postbox):
    """Send what is due into the postbox."""
    return lambda: deliver_due(postbox, no_attachment)


@pytest.fixture
def patient(db):
    return UserFactory()


@pytest.fixture
def coordinator(db):
    return UserFactory(coordinator=True)


@pytest.fixture
def smtp(settings):
    """A mail server that EMAIL_URL names."""
    with mail_server() as server:
        settings.EMAIL_URL = server.url
        settings.EMAIL_TIMEOUT = 3
        yield server
