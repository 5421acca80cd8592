"""A row of the outbox as a mail: the words of the row between greeting and closing, in the reader's direction."""

import uuid
from collections.abc import Callable

from django.template.loader import render_to_string
from django.utils import translation

from apps.notifications.channels.message import Attachment, Message
from apps.notifications.models import Notification
from apps.notifications.wording import button_for, frame

# Makes a document: (kind, id, language).
AttachmentMaker = Callable[[str, uuid.UUID, str], Attachment]


def compose_mail(row: Notification, make_attachment: AttachmentMaker) -> Message:
    """Return the mail of `row`. Its id is the row's, however often it is composed.

    Raises what `make_attachment` raises, and InvalidToken where no key fits the secret link any more.
    """
    with translation.override(row.language):
        context = {
            "language": row.language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "title": row.title,
            "message": row.message,
            "link": row.secret_link or row.link,
            "button": button_for(row.type, row.language),
            "frame": frame(row.language),
        }
        text = render_to_string("notifications/email.txt", context)
        html = render_to_string("notifications/email.html", context)
    return Message(
        id=str(row.pk),
        to=row.address,
        subject=row.title,
        text=text,
        html=html,
        language=row.language,
        attachments=tuple(_attachment(name, row.language, make_attachment) for name in row.attachments),
    )


def _attachment(name: str, language: str, make_attachment: AttachmentMaker) -> Attachment:
    kind, _colon, pk = name.partition(":")
    return make_attachment(kind, uuid.UUID(pk), language)
