"""POST /auth/logout."""

import pytest

pytestmark = pytest.mark.django_db

LOGOUT = "/auth/logout"


@pytest.fixture
def devices(user, sign_in):
    return [sign_in(user), sign_in(user)]


def lives(api, bearer, tokens):
    """Whether the sign-in opens anything: by its access token, and by its refresh token."""
    asked = bearer(None, token=tokens.access_token).get("/auth/profile").status_code == 200
    renewed = api.post("/auth/refresh", {"refresh_token": tokens.refresh_token}).status_code == 200
    assert asked == renewed
    return asked


def test_t6_ends_this_sign_in_at_once(api, bearer, devices):
    """T6: access and refresh token die together; the other device stays signed in."""
    response = bearer(None, token=devices[0].access_token).post(LOGOUT)

    assert response.status_code == 200
    assert response.json()["message"] == "Logout successful"
    assert [lives(api, bearer, tokens) for tokens in devices] == [False, True]


def test_t6_all_ends_every_sign_in(api, bearer, devices):
    """T6."""
    bearer(None, token=devices[0].access_token).post(LOGOUT, {"all": True})

    assert [lives(api, bearer, tokens) for tokens in devices] == [False, False]


def test_another_user_stays_signed_in(api, bearer, devices, sign_in):
    stranger = sign_in(type(devices[0].user).objects.create(email="other@example.test", user_type="patient"))

    bearer(None, token=devices[0].access_token).post(LOGOUT, {"all": True})

    assert lives(api, bearer, stranger)


def test_needs_a_sign_in(api, db):
    response = api.post(LOGOUT)

    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"


def test_a_second_time_there_is_no_sign_in_to_end(bearer, devices):
    client = bearer(None, token=devices[0].access_token)
    client.post(LOGOUT)

    assert client.post(LOGOUT).status_code == 401


@pytest.mark.parametrize("value", ["perhaps", [], {}, 7])
def test_all_is_yes_or_no(bearer, devices, value):
    client = bearer(None, token=devices[0].access_token)

    response = client.post(LOGOUT, {"all": value})

    assert response.status_code == 400
    assert "all" in response.json()["errors"]
    assert client.get("/auth/profile").status_code == 200
