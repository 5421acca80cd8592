"""GET /auth/sessions, DELETE /auth/sessions/:id."""

import uuid
from datetime import timedelta

import pytest

from apps.accounts.models import RefreshToken
from apps.accounts.services.sessions import Device, open_session
from medivoy.core import clock, mongo
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

SESSIONS = "/auth/sessions"
PHONE = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


@pytest.fixture
def phone(user):
    """A sign-in from elsewhere, some minutes ago."""
    with clock.at(clock.now() - timedelta(minutes=5)):
        return open_session(user, device=Device("203.0.113.7", PHONE), second_factor=True)


@pytest.fixture
def here(user, phone, bearer):
    return bearer(user)


def family_of(sign_in):
    return RefreshToken.objects.get(user=sign_in.user, user_agent=PHONE).family


def test_lists_every_device_and_which_one_asks(here, phone):
    data = here.get(SESSIONS).json()["data"]

    assert [row["is_current"] for row in data] == [True, False]
    link = RefreshToken.objects.get(family=family_of(phone))
    began = link.signed_in_at.isoformat().replace("+00:00", "Z")
    assert data[1] == {
        "id": str(link.family),
        "device": "Firefox on Android",
        "ip": "203.0.113.7",
        "signed_in_at": data[1]["signed_in_at"],
        "last_activity": data[1]["signed_in_at"],
        "expires_at": data[1]["expires_at"],
        "is_current": False,
        "second_factor": True,
    }
    assert data[1]["signed_in_at"][:19] == began[:19]


def test_t5_neither_token_nor_digest_is_shown(here, phone):
    """T5."""
    body = here.get(SESSIONS).content.decode()

    for secret in (phone.refresh_token, RefreshToken.objects.get(family=family_of(phone)).token):
        assert secret not in body


def test_a_renewed_sign_in_is_one_row_with_its_beginning(api, here, phone):
    before = here.get(SESSIONS).json()["data"][1]

    api.post("/auth/refresh", {"refresh_token": phone.refresh_token})

    data = here.get(SESSIONS).json()["data"]
    assert len(data) == 2
    after = next(row for row in data if row["id"] == before["id"])
    assert after["signed_in_at"] == before["signed_in_at"]
    assert after["last_activity"] > before["last_activity"]


def test_what_is_over_is_not_listed(here, phone):
    RefreshToken.objects.filter(family=family_of(phone)).update(expires_at=clock.now())

    assert [row["is_current"] for row in here.get(SESSIONS).json()["data"]] == [True]


def test_nobody_sees_anothers(here, bearer):
    assert len(bearer(UserFactory(admin=True)).get(SESSIONS).json()["data"]) == 1


def test_t6_one_that_is_ended_opens_nothing_from_then_on(api, here, phone, bearer):
    """T6: with the very next request."""
    there = bearer(None, token=phone.access_token)
    assert there.get("/auth/profile").status_code == 200

    assert here.delete(f"{SESSIONS}/{family_of(phone)}").status_code == 200

    assert there.get("/auth/profile").status_code == 401
    assert api.post("/auth/refresh", {"refresh_token": phone.refresh_token}).status_code == 401
    assert here.get("/auth/profile").status_code == 200


def test_ones_present_sign_in_may_be_ended_too(here):
    (current,) = [row["id"] for row in here.get(SESSIONS).json()["data"] if row["is_current"]]

    assert here.delete(f"{SESSIONS}/{current}").status_code == 200
    assert here.get(SESSIONS).status_code == 401


def test_anothers_is_not_there_and_lives_on(api, phone, bearer):
    stranger = bearer(UserFactory(admin=True))

    theirs = stranger.delete(f"{SESSIONS}/{family_of(phone)}")
    nobodys = stranger.delete(f"{SESSIONS}/{uuid.uuid4()}")

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()
    assert api.post("/auth/refresh", {"refresh_token": phone.refresh_token}).status_code == 200


def test_a_second_time_it_is_not_there(here, phone):
    here.delete(f"{SESSIONS}/{family_of(phone)}")

    assert here.delete(f"{SESSIONS}/{family_of(phone)}").status_code == 404


def test_mongodb_is_not_asked(here, phone, settings):
    settings.MONGODB_URL = "mongodb://127.0.0.1:1/?directConnection=true"
    mongo.server.begin_anew()

    assert len(here.get(SESSIONS).json()["data"]) == 2
    assert here.delete(f"{SESSIONS}/{family_of(phone)}").status_code == 200
    mongo.server.begin_anew()
