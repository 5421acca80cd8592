"""One platform for the tests that break it; each of them leaves it as it was, whole."""

import pytest

from tests.live import Platform
from tests.peers.smtp import mail_server

NAMES = ("patient", "patient2", "hospital", "coordinator", "admin")


@pytest.fixture(scope="package")
def mail_peer():
    with mail_server() as server:
        yield server


@pytest.fixture(scope="package")
def platform(django_db_setup, tmp_path_factory, mail_peer):
    home = tmp_path_factory.mktemp("faults")
    # What a worker took and never finished is another's after two seconds.
    with Platform(home, EMAIL_URL=mail_peer.url, NOTIFICATION_LEASE_SECONDS="2") as platform:
        yield platform


@pytest.fixture
def people(platform):
    return {name: platform.person(name) for name in NAMES}


@pytest.fixture
def mailbox(platform, mail_peer):
    """The mail server that the platform sends by: it has every mail of this test, as often as it was sent."""
    mail_peer.mails.clear()
    mail_peer.since = platform.value("SELECT now()")
    return mail_peer
