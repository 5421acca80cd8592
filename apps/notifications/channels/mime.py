"""A message in the form that mail travels in."""

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.utils.text import get_valid_filename

from apps.notifications.channels.message import ChannelError, Message


def to_mail(message: Message, connection: Any = None) -> EmailMultiAlternatives:
    """Return Django's form of `message`.

    Raises a permanent ChannelError where there is none, as for a header that breaks out of its line (T54).
    """
    _sender_name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.to],
        connection=connection,
        headers={
            "Message-ID": f"<{message.id}@{sender.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.language,
        },
    )
    mail.attach_alternative(message.html, "text/html")
    for attachment in message.attachments:
        mail.attach(get_valid_filename(attachment.filename), attachment.content, attachment.mimetype)
    if not mail.recipients():
        raise ChannelError("no address", permanent=True)
    try:
        sanitize_address(message.to, "utf-8")
        mail.message()
    except (BadHeaderError, UnicodeError, ValueError) as error:
        raise ChannelError(f"not a mail: {type(error).__name__}", permanent=True) from error
    return mail
