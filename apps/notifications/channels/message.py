"""What a channel carries, and how it says that it could not."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that goes with a mail."""

    filename: str
    content: bytes
    mimetype: str


@dataclass(frozen=True, slots=True)
class Message:
    """A mail, whole. `id` is the same however often it is sent, so that a repetition is known as one."""

    id: str
    to: str
    subject: str
    text: str
    html: str
    language: str
    attachments: tuple[Attachment, ...] = ()


class ChannelError(Exception):
    """It was not sent: `permanent` where another try would end the same. The text names no person and no secret."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        self.permanent = permanent
        super().__init__(message)


class MailChannel(Protocol):
    """A way to send mail. `send` may keep a connection open for the next one, until `close`."""

    def send(self, message: Message) -> None:
        """Send `message`, or raise ChannelError. It returns once the other side has taken it."""

    def close(self) -> None:
        """Let go of the connection."""
