"""Mail as files, where no server is named."""

from email import message_from_bytes, policy

import pytest

from apps.notifications.channels.message import ChannelError
from apps.notifications.channels.outbox import OutboxChannel
from tests.notifications.channels.test_smtp import message


@pytest.fixture
def folder(settings, tmp_path):
    settings.OUTBOX_DIR = tmp_path / "outbox"
    return settings.OUTBOX_DIR / "mail"


def test_a_file_a_message(folder):
    OutboxChannel().send(message(id="one"))
    OutboxChannel().send(message(id="two"))
    assert {path.name for path in folder.iterdir()} == {"one.eml", "two.eml"}
    mail = message_from_bytes((folder / "one.eml").read_bytes(), policy=policy.default)
    assert mail["Subject"] == "Réservation MB-1 : devis"


def test_the_same_message_again_replaces_its_file(folder):
    for _time in range(2):
        OutboxChannel().send(message())
    assert len(list(folder.iterdir())) == 1


def test_a_full_disk_is_worth_another_try(folder):
    folder.parent.mkdir()
    folder.write_text("a file where the folder should be")
    with pytest.raises(ChannelError) as refusal:
        OutboxChannel().send(message())
    assert not refusal.value.permanent


def test_a_hostile_header_writes_nothing(folder):
    with pytest.raises(ChannelError):
        OutboxChannel().send(message(subject="a\nBcc: b@example.test"))
    assert not folder.exists()
