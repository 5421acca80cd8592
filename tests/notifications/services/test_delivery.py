"""Sending: each once, retried with growing pauses, given up in the end, lost never."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from apps.notifications.channels.message import ChannelError
from apps.notifications.models import Notification, State
from apps.notifications.services.delivery import (
    BATCH,
    LONGEST_PAUSE,
    claim_next,
    deliver_due,
    give_up_interrupted,
    pause_after,
    send_again,
)
from apps.notifications.services.outbox import notify
from medivoy.core import clock
from medivoy.core.errors import Conflict
from tests.factories.notifications import NotificationFactory

SECRET = "https://app.test/reset?token=s3cr3t-t0ken"

pytestmark = pytest.mark.django_db


def later(**delta):
    return clock.at(clock.now() + timedelta(**delta))


def test_what_is_due_is_sent_and_noted(deliver, postbox):
    row = NotificationFactory(email=True)
    NotificationFactory()  # in the app: there already
    assert str(deliver()) == "1 sent, 0 to try again, 0 given up"
    (message,) = postbox.messages
    assert (message.id, message.to, message.subject) == (str(row.pk), row.address, row.title)
    row.refresh_from_db()
    assert row.state == State.SENT
    assert row.sent_at is not None
    assert postbox.is_closed


def test_what_was_sent_is_not_sent_again(deliver, postbox):
    NotificationFactory(email=True)
    deliver()
    with later(days=1):
        deliver()
    assert len(postbox.messages) == 1


def test_what_waits_longest_goes_first(deliver, postbox):
    now = clock.now()
    rows = [NotificationFactory(email=True, next_attempt_at=now - timedelta(minutes=m)) for m in (1, 3, 2)]
    NotificationFactory(email=True, next_attempt_at=now + timedelta(minutes=1))
    deliver()
    assert [message.id for message in postbox.messages] == [str(rows[i].pk) for i in (1, 2, 0)]


def test_a_failure_is_tried_again_later(deliver, postbox):
    row = NotificationFactory(email=True)
    postbox.errors = [ChannelError("server is busy")]
    deliver()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.last_error) == (State.RETRYING, 1, "server is busy")
    deliver()
    assert postbox.messages == []
    with later(minutes=1):
        deliver()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.last_error) == (State.SENT, 2, "")


def test_pauses_grow_and_differ():
    pauses = [pause_after(attempts) for attempts in range(1, 12)]
    for attempts, pause in enumerate(pauses):
        whole = min(timedelta(seconds=30) * 2**attempts, LONGEST_PAUSE)
        assert whole / 2 <= pause <= whole * 1.5
    assert len({pause_after(1) for _try in range(20)}) > 15


def test_a_permanent_refusal_ends_it(deliver, postbox):
    row = NotificationFactory(email=True)
    postbox.errors = [ChannelError("no such person", permanent=True)]
    assert deliver().given_up == 1
    row.refresh_from_db()
    assert (row.state, row.attempts, row.last_error) == (State.FAILED, 1, "no such person")


def test_attempts_end(deliver, postbox, settings):
    settings.NOTIFICATION_MAX_ATTEMPTS = 3
    row = NotificationFactory(email=True)
    postbox.errors = [ChannelError("server is busy") for _try in range(5)]
    for hours in range(6):
        with later(hours=2 * hours):
            deliver()
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.FAILED, 3)
    assert len(postbox.errors) == 2


def test_a_broken_row_stops_no_other(deliver, postbox):
    """A document that cannot be made, a kind that there is none of, a type that has no words any more."""
    NotificationFactory(email=True, attachments=["invoice:not-an-id"])
    NotificationFactory(email=True, attachments=["invoice:00000000-0000-0000-0000-000000000000"])
    NotificationFactory(email=True, type="no_such_event")
    whole = NotificationFactory(email=True)
    tally = deliver()
    assert (tally.sent, tally.put_off, tally.given_up) == (1, 2, 1)
    assert [message.id for message in postbox.messages] == [str(whole.pk)]


def test_a_call_stops_at_its_batch(deliver, monkeypatch):
    monkeypatch.setattr("apps.notifications.services.delivery.BATCH", 3)
    NotificationFactory.create_batch(4, email=True)
    assert deliver().is_full
    assert not deliver().is_full
    assert not Notification.objects.unsent().exists()
    assert BATCH > 3


def test_an_error_text_fits_its_column(deliver, postbox):
    row = NotificationFactory(email=True)
    postbox.errors = [ChannelError("x" * 500)]
    deliver()
    row.refresh_from_db()
    assert row.last_error == "x" * 200


# --- leases


def test_a_taken_row_is_nobody_elses_until_the_lease_ends():
    row = NotificationFactory(email=True)
    assert claim_next() == row
    assert claim_next() is None
    with later(minutes=5, seconds=1):
        assert claim_next() == row


def test_what_a_dead_worker_left_is_sent_by_the_next(deliver, postbox):
    NotificationFactory(email=True)
    claim_next()
    deliver()
    assert postbox.messages == []
    with later(minutes=6):
        deliver()
    assert len(postbox.messages) == 1


def test_a_row_that_kills_its_workers_is_given_up(settings):
    settings.NOTIFICATION_MAX_ATTEMPTS = 2
    row = NotificationFactory(email=True, link="", secret_link=SECRET)
    for minutes in (0, 6):
        with later(minutes=minutes):
            assert give_up_interrupted() == 0
            assert claim_next() == row
    with later(minutes=12):
        assert claim_next() is None
        assert give_up_interrupted() == 1
    row.refresh_from_db()
    assert (row.state, row.secret_link) == (State.FAILED, "")


def test_a_late_failure_does_not_undo_anothers_success(deliver, postbox):
    """The lease ran out while the first was sending; the second sent it; then the first hears of a failure."""
    row = NotificationFactory(email=True)

    class Slow:
        def send(self, message):
            with later(minutes=6):
                deliver()
            raise ChannelError("timed out", permanent=True)

        def close(self):
            pass

    deliver_due(Slow(), None)
    row.refresh_from_db()
    assert (row.state, row.failed_at) == (State.SENT, None)
    assert len(postbox.messages) == 1


# --- secrets


def in_the_table(row):
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(n)::text FROM notifications n WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


@pytest.fixture
def secret_row(patient):
    notify("password_reset", to={"user": [patient]}, link=SECRET, secret=True)
    return Notification.objects.get()


def test_a_secret_is_wiped_once_it_is_sent(deliver, postbox, secret_row):
    deliver()
    (message,) = postbox.messages
    assert SECRET in message.text
    assert SECRET in message.html
    secret_row.refresh_from_db()
    assert secret_row.secret_link == ""
    assert "s3cr3t" not in in_the_table(secret_row)


def test_a_secret_stays_for_the_next_attempt(deliver, postbox, secret_row):
    postbox.errors = [ChannelError("server is busy")]
    deliver()
    with later(minutes=1):
        deliver()
    assert SECRET in postbox.messages[0].text


def test_a_secret_is_wiped_when_it_is_given_up(deliver, postbox, secret_row):
    postbox.errors = [ChannelError("no such person", permanent=True)]
    deliver()
    secret_row.refresh_from_db()
    assert secret_row.secret_link == ""


def test_a_secret_that_no_key_opens_fails_alone(deliver, postbox, secret_row, settings):
    other = NotificationFactory(email=True)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    tally = deliver()
    assert (tally.sent, tally.put_off) == (1, 1)
    assert [message.id for message in postbox.messages] == [str(other.pk)]


def test_no_secret_is_logged(deliver, postbox, secret_row, caplog):
    caplog.set_level("DEBUG")
    postbox.errors = [ChannelError("server is busy")]
    deliver()
    with later(minutes=1):
        deliver()
    assert "s3cr3t" not in caplog.text
    assert secret_row.address not in caplog.text


# --- once more, by hand


def test_what_was_given_up_may_be_sent_again_to_the_present_address(deliver, postbox):
    row = NotificationFactory(given_up=True)
    row.user.email = "mended@example.test"
    row.user.save()
    send_again(row)
    deliver()
    assert postbox.messages[0].to == "mended@example.test"
    assert postbox.messages[0].id == str(row.pk)
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.SENT, 1)


def test_only_what_was_given_up():
    with pytest.raises(Conflict) as refusal:
        send_again(NotificationFactory(email=True))
    assert refusal.value.code == "not_failed"


def test_a_wiped_link_cannot_be_sent_again(deliver, postbox, secret_row):
    postbox.errors = [ChannelError("no such person", permanent=True)]
    deliver()
    with pytest.raises(Conflict) as refusal:
        send_again(secret_row)
    assert refusal.value.code == "link_is_gone"
