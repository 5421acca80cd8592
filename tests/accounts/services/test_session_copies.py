"""The copy of sign-ins in MongoDB: equal afterwards, whatever happened meanwhile."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest

from apps.accounts import tasks
from apps.accounts.models import RefreshToken
from apps.accounts.services import session_copies
from apps.accounts.services.access_tokens import read_access_token
from apps.accounts.services.presence import recognise
from apps.accounts.services.session_copies import SESSIONS, copy_sign_ins
from apps.accounts.services.sessions import COPY, Device, end_all_sessions, end_session, open_session, renew_session
from medivoy.celery import app
from medivoy.core import clock, mongo
from medivoy.core.models import TaskRun
from tests.factories.accounts import RefreshTokenFactory, UserFactory
from tests.race import contend

pytestmark = pytest.mark.django_db(transaction=True)

HERE = Device("203.0.113.7", "Mozilla/5.0 (Android 15; Mobile) Firefox/140.0")
NOWHERE = "mongodb://127.0.0.1:1/?directConnection=true"


@pytest.fixture(autouse=True)
def mongodb(settings):
    """Nothing of another test in it, and awake."""
    mongo.server.begin_anew()
    with mongo.collection(SESSIONS, within=5) as sessions:
        sessions.drop()
    yield
    mongo.server.begin_anew()


def documents(user):
    with mongo.collection(SESSIONS, within=5) as sessions:
        return {found["_id"]: found for found in sessions.find({"user_id": str(user.pk)})}


def to_the_millisecond(instant):
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def what_stands_in_postgresql(user):
    return {
        str(link.family): (to_the_millisecond(link.last_activity_at), to_the_millisecond(link.expires_at), link.ip)
        for link in RefreshToken.objects.live().filter(user=user)
    }


def is_equal(user):
    copy = {pk: (row["last_activity"], row["expires_at"], row["ip"]) for pk, row in documents(user).items()}
    return copy == what_stands_in_postgresql(user)


def test_t5_one_document_a_living_sign_in_without_any_token():
    """T5."""
    signed_in = open_session(UserFactory(), device=HERE)

    assert copy_sign_ins() >= 1

    link = RefreshToken.objects.get(user=signed_in.user)
    assert documents(signed_in.user) == {
        str(link.family): {
            "_id": str(link.family),
            "user_id": str(signed_in.user.pk),
            "device": "Firefox on Android",
            "user_agent": HERE.user_agent,
            "ip": HERE.ip,
            "signed_in_at": to_the_millisecond(link.signed_in_at),
            "last_activity": to_the_millisecond(link.last_activity_at),
            "expires_at": to_the_millisecond(link.expires_at),
        }
    }
    text = str(documents(signed_in.user))
    assert not any(secret in text for secret in (signed_in.refresh_token, signed_in.access_token, link.token))


def test_it_is_copied_once_for_each_change():
    signed_in = open_session(UserFactory(), device=HERE)
    copy_sign_ins()
    assert copy_sign_ins() == 0

    renew_session(signed_in.refresh_token, device=Device("198.51.100.1", ""))
    assert copy_sign_ins() == 1
    (document,) = documents(signed_in.user).values()
    assert (document["ip"], document["device"]) == ("198.51.100.1", "Unknown device")


def test_activity_is_copied():
    signed_in = open_session(UserFactory(), device=HERE)
    copy_sign_ins()

    with clock.at(clock.now() + timedelta(minutes=2)):
        recognise(read_access_token(signed_in.access_token))
        copy_sign_ins()

    assert is_equal(signed_in.user)
    (document,) = documents(signed_in.user).values()
    assert document["last_activity"] > document["signed_in_at"] + timedelta(minutes=1)


@pytest.mark.parametrize("ending", ["one", "all", "reuse"])
def test_t6_what_has_ended_is_not_there(ending):
    """T6."""
    user = UserFactory()
    signed_in, other = open_session(user, device=HERE), open_session(user, device=HERE)
    copy_sign_ins()
    family = read_access_token(signed_in.access_token).sid
    if ending == "one":
        end_session(user, family=family)
    elif ending == "all":
        end_all_sessions(user)
    else:
        for _time in range(2):
            contend(lambda _: renew_session(signed_in.refresh_token, device=HERE), 1)

    copy_sign_ins()

    assert str(family) not in documents(user)
    assert is_equal(user)
    assert len(documents(user)) == (0 if ending == "all" else 1)
    assert other.user == user


def test_one_that_nobody_renewed_leaves_by_itself():
    """MongoDB removes it by its own clock, a real one within a minute."""
    user = UserFactory()
    family = RefreshTokenFactory(user=user, expires_at=clock.now() - timedelta(minutes=2)).family
    with clock.at(clock.now() - timedelta(hours=1)):
        copy_sign_ins()
    assert RefreshToken.objects.get(family=family).is_copied
    with mongo.collection(SESSIONS, within=5) as sessions:
        kinds = [index for index in sessions.index_information().values() if index.get("expireAfterSeconds") == 0]
    assert kinds, "nothing tells MongoDB to remove what is over"


def test_t62_while_mongodb_is_away_nothing_is_lost(settings):
    """T62: as if for an hour; what opened, changed and ended meanwhile is right when it is back."""
    user = UserFactory()
    before = open_session(user, device=HERE)
    copy_sign_ins()
    there, settings.MONGODB_URL = settings.MONGODB_URL, NOWHERE
    mongo.server.begin_anew()

    opened = [open_session(user, device=HERE) for _number in range(3)]
    end_session(user, family=read_access_token(before.access_token).sid)
    renew_session(opened[0].refresh_token, device=HERE)
    tasks.copy_changed()
    tasks.sweep_sign_ins()
    assert TaskRun.objects.get(task="accounts.sweep_sign_ins").result == "MongoDB is away, sign-ins wait"
    assert RefreshToken.objects.filter(user=user, is_copied=False).exists()

    settings.MONGODB_URL = there
    mongo.server.begin_anew()
    tasks.sweep_sign_ins()
    assert is_equal(user)
    assert len(documents(user)) == 3
    assert not RefreshToken.objects.filter(user=user, is_copied=False).exists()


def test_what_changes_while_it_is_copied_is_copied_again(monkeypatch):
    user = UserFactory()
    signed_in = open_session(user, device=HERE)

    @contextmanager
    def ended_meanwhile(name, *, within):
        with mongo.collection(name, within=within) as sessions:
            yield sessions
        with_own_connection(lambda: end_session(user, family=read_access_token(signed_in.access_token).sid))

    monkeypatch.setattr(session_copies, "collection", ended_meanwhile)
    copy_sign_ins()
    assert documents(user)
    monkeypatch.undo()

    copy_sign_ins()
    assert documents(user) == {}


def test_of_two_at_once_none_puts_back_what_is_no_longer_true(monkeypatch):
    """The slower of two would write what it read before the other; so it does not get to read."""
    user = UserFactory()
    open_session(user, device=HERE)
    looked_at = []

    @contextmanager
    def another_comes(name, *, within):
        looked_at.append(with_own_connection(copy_sign_ins))
        with mongo.collection(name, within=within) as sessions:
            yield sessions

    monkeypatch.setattr(session_copies, "collection", another_comes)
    copy_sign_ins()
    assert looked_at == [0]
    assert is_equal(user)


def test_many_at_once_while_people_come_and_go():
    user = UserFactory()
    stop = threading.Event()

    def come_and_go(number):
        if number % 2:
            while not stop.is_set():
                copy_sign_ins()
            return
        try:
            for _time in range(5):
                signed_in = open_session(user, device=HERE)
                signed_in = renew_session(signed_in.refresh_token, device=HERE)
                if number:
                    end_session(user, family=read_access_token(signed_in.access_token).sid)
        finally:
            stop.set()

    failures = [result for result in contend(come_and_go, 4) if result is not None]
    copy_sign_ins()

    assert failures == []
    assert is_equal(user)
    assert len(documents(user)) == 5


def test_batches_walk_to_the_end(monkeypatch):
    monkeypatch.setattr(session_copies, "BATCH", 2)
    user = UserFactory()
    for _number in range(5):
        open_session(user, device=HERE)

    assert copy_sign_ins() >= 5
    assert is_equal(user)


def test_a_worker_is_woken_after_the_commit(monkeypatch):
    woken = []
    monkeypatch.setattr("medivoy.core.jobs.wake_ups.send", lambda task, args: woken.append(task))
    user = UserFactory()
    signed_in = renew_session(open_session(user, device=HERE).refresh_token, device=HERE)
    end_session(user, family=read_access_token(signed_in.access_token).sid)

    assert woken == [COPY] * 3
    assert COPY in app.tasks


def with_own_connection(act):
    (result,) = contend(lambda _: act(), 1)
    if isinstance(result, Exception):
        raise result
    return result
