"""Telling people: the rows are written in the transaction that made the event, and sent by a worker after it."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from apps.notifications.events import EVENTS, Audience, Event
from apps.notifications.models import Channel, Notification
from apps.notifications.wording import language_for, words_for
from medivoy.core import clock, jobs
from medivoy.core.ids import uuid7

# The root of event ids that are the same however often they are computed.
EVENT_IDS = uuid.UUID("b1f6c1a2-6b2d-4f0e-9d6b-7a1d6f0c5e11")
NO_CONTEXT: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class News:
    """What `notify` was given, the same for everyone who is told."""

    type: str
    event_id: uuid.UUID
    reference_type: str
    reference_id: uuid.UUID | None
    context: Mapping[str, Any]
    link: str
    secret: bool
    attachments: list[str] = field(default_factory=list)


def event_id_for(*parts: object) -> uuid.UUID:
    """Return the event id that these parts always have, such as ("details_reminder", booking.pk, 3).

    For events that a clock makes: whoever runs the task, and however often, it is told once.
    """
    return uuid.uuid5(EVENT_IDS, "/".join(str(part) for part in parts))


def notify(
    event: str,
    *,
    to: Mapping[str, Iterable[Any]],
    actor: Any = None,
    reference: tuple[str, uuid.UUID] | None = None,
    context: Mapping[str, Any] = NO_CONTEXT,
    link: str = "",
    secret: bool = False,
    attachments: Iterable[tuple[str, uuid.UUID]] = (),
    event_id: uuid.UUID | None = None,
) -> int:
    """Write one row for each user and channel that the table gives `event`, in the caller's transaction.

    Args:
        event: a name in events.EVENTS; its words stand in texts/.
        to: everyone involved, by audience ("user", "patient", "coordinator", "hospital", "admins"). The table decides
            who of them hears; None and inactive users are passed over; an audience that does not hear is not read.
        actor: who did it. They are not told, except the patient of their own request, acceptance and cancellation.
        reference: what it is about, ("booking", booking.pk): leads the reader there.
        context: what the texts name, numbers and lazy translations only; never a note, a reason or a diagnosis.
        link: an absolute URL in place of the reference's page.
        secret: the link lets its holder in. It is encrypted at rest, only mailed, and wiped once it is sent.
        attachments: documents that the patient's mail carries, ("invoice", invoice.pk), made when it is sent.
        event_id: the same id tells nobody twice; without one every call is an event of its own.

    Returns how many rows there are to write (those that an earlier call wrote are left as they are).
    Rule: domain.md, Notifications. Raises KeyError for an unknown event, or for a context that lacks a word.
    """
    entry = EVENTS[event]
    if secret and any(Channel.IN_APP in channels for channels in entry.channels.values()):
        raise ValueError(f"{event} is shown in the app, its link cannot be secret")
    if (secret or link) and not link.startswith(("https://", "http://")):
        raise ValueError("a link is an absolute URL")
    kind, about = reference or ("", None)
    news = News(
        type=event,
        event_id=event_id or uuid7(),
        reference_type=kind,
        reference_id=about,
        context=context,
        link=link,
        secret=secret,
        attachments=[f"{kind}:{pk}" for kind, pk in attachments],
    )
    rows = [
        _row(news, user, audience, channel)
        for user, audience in _readers(entry, to, actor)
        for channel in entry.channels[audience]
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    if any(not row.is_sent for row in rows):
        jobs.after_commit("notifications.drain")
    return len(rows)


def _readers(entry: Event, to: Mapping[str, Iterable[Any]], actor: Any) -> Iterator[tuple[Any, Audience]]:
    """Yield each user once, as what they are first told as."""
    unknown = set(to) - set(Audience)
    if unknown:
        raise KeyError(f"no such audience: {sorted(unknown)}")
    met = set()
    for audience in entry.channels:
        for user in to.get(audience, ()):
            if user is None or not user.is_active or user.pk in met:
                continue
            met.add(user.pk)
            is_mover = actor is not None and user.pk == actor.pk
            if not is_mover or (entry.tells_mover and audience == Audience.PATIENT):
                yield user, audience


def _row(news: News, user: Any, audience: Audience, channel: Channel) -> Notification:
    language = language_for(user.preferred_language)
    words = words_for(news.type, channel, language, news.context)
    now = clock.now()
    row = Notification(
        event_id=news.event_id,
        user_id=user.pk,
        channel=channel,
        type=news.type,
        title=words.title,
        message=words.message,
        language=language,
        reference_type=news.reference_type,
        reference_id=news.reference_id,
        created_at=now,
        next_attempt_at=now,
    )
    if channel == Channel.IN_APP:
        row.is_sent, row.sent_at = True, now
        return row
    row.address = user.email
    row.link, row.secret_link = ("", news.link) if news.secret else (news.link or _page(news, user), "")
    row.attachments = news.attachments if audience == Audience.PATIENT else []
    return row


def _page(news: News, user: Any) -> str:
    """Return the address of what the news are about: for those who work in the console there, unless only the app has
    such a page."""
    app, console = settings.NOTIFICATION_PAGES["app"], settings.NOTIFICATION_PAGES["console"]
    only_in_app = app[1].keys() - console[1].keys()
    start, pages = console if user.is_staff and news.reference_type not in only_in_app else app
    page = pages.get(news.reference_type, "").format(id=news.reference_id)
    return f"{start}{page}"
