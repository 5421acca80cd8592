"""POST /auth/refresh."""

from datetime import timedelta

import pytest
from django.conf import settings

from apps.accounts.models import RefreshToken
from apps.accounts.services.sessions import Device, open_session
from medivoy.core import clock
from tests.factories.accounts import RefreshTokenFactory

pytestmark = pytest.mark.django_db

REFRESH = "/auth/refresh"


def exchange(api, secret, **extra):
    return api.post(REFRESH, {"refresh_token": secret}, **extra)


def test_answers_the_next_pair(api, user, sign_in):
    first = sign_in(user)

    response = exchange(api, first.refresh_token)

    assert response.status_code == 200
    data = response.json()["data"]
    assert set(data) == {"access_token", "refresh_token", "expires_in"}
    assert data["refresh_token"] != first.refresh_token
    assert data["expires_in"] == 900


def test_the_next_one_is_of_the_same_sign_in_and_lives_anew(api, user, sign_in):
    with clock.at(clock.now() - settings.REFRESH_TOKEN_LIFETIME / 2):
        first = sign_in(user)

    exchange(api, first.refresh_token, HTTP_USER_AGENT="Phone/2")

    old, new = RefreshToken.objects.order_by("pk")
    assert old.family == new.family
    assert old.rotated_at is not None
    assert new.expires_at > old.expires_at
    assert new.user_agent == "Phone/2"


def test_what_is_known_of_the_sign_in_is_handed_on(api, user):
    began = clock.now() - timedelta(days=1)
    with clock.at(began):
        first = open_session(user, device=Device(), second_factor=True)

    exchange(api, first.refresh_token)

    new = RefreshToken.objects.live().get(user=user)
    assert (new.signed_in_at, new.second_factor) == (began, True)
    assert new.last_activity_at > began


def test_t5_reuse_ends_the_whole_sign_in(api, user, sign_in, bearer):
    """T5: whoever holds a token that was exchanged before, thief or owner, both are out."""
    first = sign_in(user)
    second = exchange(api, first.refresh_token).json()["data"]

    reused = exchange(api, first.refresh_token)

    assert reused.status_code == 401
    assert reused.json()["code"] == "token_reused"
    assert exchange(api, second["refresh_token"]).json()["code"] == "token_invalid"
    assert bearer(user, token=second["access_token"]).get("/auth/profile").status_code == 401


def test_reuse_leaves_the_other_devices_alone(api, user, sign_in):
    first, elsewhere = sign_in(user), sign_in(user)
    exchange(api, first.refresh_token)
    exchange(api, first.refresh_token)

    assert exchange(api, elsewhere.refresh_token).status_code == 200


def test_reuse_is_told_each_time(api, user, sign_in):
    first = sign_in(user)
    codes = [exchange(api, first.refresh_token).json().get("code") for _ in range(3)]

    assert codes == [None, "token_reused", "token_reused"]


@pytest.mark.parametrize("secret", ["unknown", "", " ", "x" * 513, "secret-1' OR '1'='1"])
def test_an_unknown_token_is_refused(api, db, secret):
    response = exchange(api, secret)

    assert response.status_code in (400, 401)
    assert response.json()["code"] in ("validation_error", "token_invalid")


def test_an_access_token_is_no_refresh_token(api, user, sign_in):
    assert exchange(api, sign_in(user).access_token).json()["code"] == "token_invalid"


def test_the_digest_from_a_stolen_database_is_no_token(api, db):
    """T5."""
    assert exchange(api, RefreshTokenFactory().token).json()["code"] == "token_invalid"


def test_a_token_expires(api, db):
    RefreshTokenFactory(secret="mine", expires_at=clock.now())

    assert exchange(api, "mine").json()["code"] == "token_expired"


def test_a_revoked_one_is_invalid(api, db):
    RefreshTokenFactory(secret="mine", is_revoked=True)

    assert exchange(api, "mine").json()["code"] == "token_invalid"


def test_a_closed_account_is_not_renewed(api, user, sign_in):
    tokens = sign_in(user)
    user.is_active = False
    user.save()

    assert exchange(api, tokens.refresh_token).json()["code"] == "token_invalid"


@pytest.mark.parametrize("body", [{}, {"refresh_token": None}, {"refresh_token": 7}, {"refresh_token": ["a"]}])
def test_what_is_no_text_is_400(api, db, body):
    assert api.post(REFRESH, body).status_code == 400


def test_an_expired_access_token_may_come_along(api, user, sign_in):
    assert exchange(api, sign_in(user).refresh_token, HTTP_AUTHORIZATION="Bearer long.gone.token").status_code == 200


def test_query_count_is_constant(api, user, sign_in, django_assert_num_queries):
    secret = sign_in(user).refresh_token

    with django_assert_num_queries(8):
        exchange(api, secret)
