"""Mail where no mail server is named: a file a message, so that one sees what would have been sent."""

import os
from pathlib import Path

from django.conf import settings

from apps.notifications.channels.message import ChannelError, Message
from apps.notifications.channels.mime import to_mail


class OutboxChannel:
    """Writes `mail/<id>.eml` below settings.OUTBOX_DIR; the same message again replaces its file."""

    def send(self, message: Message) -> None:
        content = to_mail(message).message().as_bytes()
        target = Path(settings.OUTBOX_DIR) / "mail" / f"{message.id}.eml"
        # Renamed into place, so that whoever reads the folder never meets half a mail.
        draft = target.with_suffix(f".{os.getpid()}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(content)
            draft.replace(target)
        except OSError as error:
            raise ChannelError(f"outbox: {type(error).__name__}") from error

    def close(self) -> None:
        """There is nothing to let go of."""
