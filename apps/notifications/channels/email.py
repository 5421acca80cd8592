"""Mail by SMTP, as settings.EMAIL_URL names the server."""

import smtplib
from typing import Any

import environ
from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from apps.notifications.channels.message import ChannelError, MailChannel, Message
from apps.notifications.channels.mime import to_mail
from apps.notifications.channels.outbox import OutboxChannel

# From here on an answer of a mail server is final (RFC 5321, 4.2.1).
PERMANENT_FROM = 500


def connect(url: str) -> EmailBackend:
    """Return a connection to the server of `url`: smtp://, smtp+tls:// (STARTTLS) or smtp+ssl://; it opens on use."""
    config: dict[str, Any] = environ.Env.email_url_config(url)
    return EmailBackend(
        host=config["EMAIL_HOST"],
        port=config["EMAIL_PORT"],
        username=config["EMAIL_HOST_USER"] or "",
        password=config["EMAIL_HOST_PASSWORD"] or "",
        use_tls=config.get("EMAIL_USE_TLS", False),
        use_ssl=config.get("EMAIL_USE_SSL", False),
        timeout=settings.EMAIL_TIMEOUT,
    )


class SmtpChannel:
    """Sends by one connection, opened with the first message and kept until `close`."""

    def __init__(self, url: str) -> None:
        self._connection = connect(url)

    def send(self, message: Message) -> None:
        mail = to_mail(message, self._connection)
        try:
            self._connection.open()
            mail.send()
        except OSError as error:  # smtplib's own errors are of this family
            self.close()
            raise _channel_error(error) from error

    def close(self) -> None:
        try:
            self._connection.close()
        except OSError:
            self._connection.connection = None  # it was broken already


def mail_channel() -> MailChannel:
    """Return the way by which mail goes here: SMTP where settings.EMAIL_URL names a server, else files."""
    return SmtpChannel(settings.EMAIL_URL) if settings.EMAIL_URL else OutboxChannel()


def _channel_error(error: Exception) -> ChannelError:
    """Judge by what the server said: this recipient or this content refused for good, or worth another try.

    A refusal of ourselves (login, sender, a server that closes) is worth one: it is a setting to mend, and the mail
    must not be lost over it.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _text in error.recipients.values()]
        return ChannelError(f"recipient refused: {codes}", permanent=min(codes, default=0) >= PERMANENT_FROM)
    if isinstance(error, smtplib.SMTPDataError):
        return ChannelError(f"content refused: {error.smtp_code}", permanent=error.smtp_code >= PERMANENT_FROM)
    code = getattr(error, "smtp_code", "")
    return ChannelError(f"{type(error).__name__} {code}".strip())
