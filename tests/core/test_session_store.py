"""The console's sessions, of whose keys the database keeps digests."""

import pytest
from django.contrib.sessions.models import Session

from medivoy.core.session_store import SessionStore, digest
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def test_t5_a_copy_of_the_database_holds_no_cookie(client):
    client.force_login(UserFactory(coordinator=True))
    key = client.session.session_key

    assert client.get("/admin/").status_code == 200
    assert not Session.objects.filter(session_key=key).exists()
    assert not Session.objects.filter(session_data__contains=key).exists()


def test_what_lies_in_the_database_opens_nothing(client, settings):
    client.force_login(UserFactory(coordinator=True))
    client.cookies[settings.SESSION_COOKIE_NAME] = digest(client.session.session_key)

    assert client.get("/admin/").status_code == 302


def test_a_session_is_kept_changed_and_deleted():
    store = SessionStore()
    store["seen"] = 1
    store.save()
    key = store.session_key

    again = SessionStore(key)
    assert again["seen"] == 1
    again["seen"] = 2
    again.save()
    assert SessionStore(key)["seen"] == 2
    assert store.exists(key)

    again.delete()
    assert not store.exists(key)
    assert SessionStore(key).get("seen") is None


def test_another_key_keeps_what_was_in_it():
    store = SessionStore()
    store["seen"] = 1
    store.save()
    old = store.session_key
    store.cycle_key()

    assert store["seen"] == 1
    assert SessionStore(store.session_key)["seen"] == 1
    assert not store.exists(old)
