"""Sending what is due.

A worker takes a row by putting its next attempt past a lease, commits that, and only then sends, so that no lock is
held while a mail server is spoken to. Two workers never take the same row; one that is killed leaves a row that
falls due again when the lease ends. Between the server's "taken" and our note of it lies a moment in which a kill
makes a mail go out again: it then carries the same Message-ID. The other order would lose mail instead.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.notifications.channels.message import ChannelError, MailChannel
from apps.notifications.models import Notification, State
from apps.notifications.services.mails import AttachmentMaker, compose_mail
from medivoy.core import clock, jobs
from medivoy.core.context import writing
from medivoy.core.errors import Conflict

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
WIPED = ""
INTERRUPTED = "the worker did not come back"
# How many one call sends; whoever calls asks again while there are more.
BATCH = 200

chance = secrets.SystemRandom()


@dataclass(slots=True)
class Tally:
    """What a call did."""

    sent: int = 0
    put_off: int = 0
    given_up: int = 0

    @property
    def is_full(self) -> bool:
        """Whether it stopped at its limit, so that there may be more."""
        return self.sent + self.put_off + self.given_up >= BATCH

    def __str__(self) -> str:
        return f"{self.sent} sent, {self.put_off} to try again, {self.given_up} given up"


def deliver_due(channel: MailChannel, make_attachment: AttachmentMaker) -> Tally:
    """Send every mail that is due, longest waiting first, until none is left or the batch is full.

    Safe to run any number of times at once. Call it outside a transaction. Rule: domain.md, Notifications.
    """
    tally = Tally()
    try:
        while not tally.is_full and (row := claim_next()):
            _deliver(row, channel, make_attachment, tally)
    finally:
        channel.close()
    return tally


def claim_next() -> Notification | None:
    """Take the row that has waited longest, for as long as the lease lasts; None where nothing is due.

    The secret link is not read here: one that no key opens any more must fail its own row only.
    """
    with writing(None):
        row = Notification.objects.due().defer("secret_link").select_for_update(skip_locked=True).first()
        if row is not None:
            row.attempts += 1
            row.next_attempt_at = clock.now() + settings.NOTIFICATION_LEASE
            row.save(update_fields=["attempts", "next_attempt_at"])
    return row


def give_up_interrupted() -> int:
    """Give up what was taken as often as allowed and never finished; return how many."""
    with writing(None):
        return Notification.objects.interrupted_for_good().update(
            failed_at=clock.now(), last_error=INTERRUPTED, secret_link=WIPED
        )


@transaction.atomic
def send_again(row: Notification) -> Notification:
    """Let a mail that was given up be tried anew, at the address that its reader has now. Returns the row.

    Raises Conflict for one that was not given up, and for one whose secret link
    is gone: its reader asks for another.
    """
    row = Notification.objects.select_for_update(of=("self",)).select_related("user").get(pk=row.pk)
    if row.state != State.FAILED:
        raise Conflict(_("Only a mail that was given up can be sent again."), code="not_failed")
    if row.had_secret:
        raise Conflict(_("Its link was wiped for safety. Its reader can ask for a new one."), code="link_is_gone")
    row.address = row.user.email
    row.attempts, row.failed_at, row.next_attempt_at = 0, None, clock.now()
    row.save(update_fields=["address", "attempts", "failed_at", "next_attempt_at"])
    jobs.after_commit("notifications.drain")
    return row


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: twice as long each time, never all at the same moment."""
    pause = min(FIRST_PAUSE * (1 << (attempts - 1)), LONGEST_PAUSE)
    return pause * chance.uniform(0.5, 1.5)


def _deliver(row: Notification, channel: MailChannel, make_attachment: AttachmentMaker, tally: Tally) -> None:
    try:
        channel.send(compose_mail(row, make_attachment))
    except ChannelError as error:
        _note_failure(row, str(error), is_final=error.permanent, tally=tally)
    except Exception as error:  # one broken row or document must not stop the others
        logger.exception("notification %s could not be made", row.pk)
        _note_failure(row, type(error).__name__, is_final=False, tally=tally)
    else:
        _note_sent(row)
        tally.sent += 1


def _note_sent(row: Notification) -> None:
    """Whoever sent it, it is sent: also where the lease ran out meanwhile."""
    with writing(None):
        Notification.objects.filter(pk=row.pk).update(
            is_sent=True, sent_at=clock.now(), failed_at=None, last_error="", secret_link=WIPED
        )


def _note_failure(row: Notification, error: str, *, is_final: bool, tally: Tally) -> None:
    """Put the next attempt off, or give up. A row that another worker took meanwhile is theirs to note."""
    ours = Notification.objects.unsent().filter(pk=row.pk, attempts=row.attempts)
    error = error[: Notification._meta.get_field("last_error").max_length]
    if not is_final and row.attempts < settings.NOTIFICATION_MAX_ATTEMPTS:
        logger.warning("notification %s not sent, attempt %d: %s", row.pk, row.attempts, error)
        with writing(None):
            ours.update(next_attempt_at=clock.now() + pause_after(row.attempts), last_error=error)
        tally.put_off += 1
        return
    logger.error("notification %s given up after attempt %d: %s", row.pk, row.attempts, error)
    with writing(None):
        ours.update(failed_at=clock.now(), last_error=error, secret_link=WIPED)
    tally.given_up += 1
