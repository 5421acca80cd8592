"""Who is asking: what the bearer token has to be, at a route that needs one."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from django.db import connections, transaction
from rest_framework.test import APIRequestFactory

from apps.accounts.api.authentication import TokenAuthentication
from apps.accounts.models import RefreshToken
from apps.accounts.roles import Role
from apps.accounts.services import presence
from apps.accounts.services.access_tokens import AUDIENCE, issue_access_token
from medivoy.core import clock
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

PROFILE = "/auth/profile"


def claims_for(user, family, **changes):
    expires_at = int((clock.now() + timedelta(minutes=5)).timestamp())
    claims = {"sub": str(user.pk), "sid": str(family), "token_type": "access", "aud": AUDIENCE, "exp": expires_at}
    return {name: value for name, value in (claims | changes).items() if value is not None}


@pytest.fixture
def family(user, sign_in):
    sign_in(user)
    return RefreshToken.objects.get(user=user).family


def ask(api, authorization):
    return api.get(PROFILE, HTTP_AUTHORIZATION=authorization)


def refused(response, code):
    assert response.status_code == 401
    assert response.json()["code"] == code
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_good_token_lets_its_user_in(user, bearer):
    assert bearer(user).get(PROFILE).json()["data"]["id"] == str(user.pk)


def test_no_token_is_not_authenticated(api):
    refused(api.get(PROFILE), "not_authenticated")


@pytest.mark.parametrize("scheme", ["Basic", "Token", "JWT", "BearerBearer", "bearer:"])
def test_t8_another_scheme_is_no_proof(api, user, sign_in, scheme):
    """T8: whatever word stands before a good token, it is not taken."""
    refused(ask(api, f"{scheme} {sign_in(user).access_token}"), "not_authenticated")


def test_the_scheme_may_be_written_in_any_case(api, user, sign_in):
    assert ask(api, f"bearer {sign_in(user).access_token}").status_code == 200


@pytest.mark.parametrize("token", ["", " ", "x", "a.b.c", "ä.ö.ü", "null", "x" * 9000, "a b"])
def test_a_malformed_token_is_invalid(api, db, token):
    refused(ask(api, f"Bearer {token}".encode("latin-1")), "token_invalid")


def test_t8_a_refresh_token_does_not_open_the_door(api, user, sign_in):
    """T8."""
    refused(ask(api, f"Bearer {sign_in(user).refresh_token}"), "token_invalid")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-service"},
        {"aud": None},
        {"token_type": "refresh"},
        {"token_type": None},
        {"exp": None},
        {"sub": None},
        {"sub": "1 OR 1=1"},
        {"sid": None},
        {"sid": "not-a-uuid"},
        {"sid": 7},
    ],
)
def test_t8_audience_kind_and_claims_are_an_allow_list(api, user, family, changes):
    """T8: our own signature under other claims opens nothing."""
    token = jwt.encode(claims_for(user, family, **changes), settings.TOKEN_KEY, algorithm="HS256")

    refused(ask(api, f"Bearer {token}"), "token_invalid")


@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
def test_t8_the_algorithm_is_ours(api, user, family, algorithm):
    """T8."""
    key = None if algorithm == "none" else settings.TOKEN_KEY * 2
    token = jwt.encode(claims_for(user, family), key, algorithm=algorithm)

    refused(ask(api, f"Bearer {token}"), "token_invalid")


@pytest.mark.parametrize("key", ["SECRET_KEY", "SANDBOX_WEBHOOK_SECRET"])
def test_t8_no_other_secret_of_ours_signs(api, user, family, key):
    token = jwt.encode(claims_for(user, family), getattr(settings, key), algorithm="HS256")

    refused(ask(api, f"Bearer {token}"), "token_invalid")


def test_an_old_token_has_expired(api, user, sign_in):
    with clock.at(clock.now() - settings.ACCESS_TOKEN_LIFETIME - timedelta(seconds=1)):
        token = sign_in(user).access_token

    refused(ask(api, f"Bearer {token}"), "token_expired")


def test_a_token_lives_a_quarter_of_an_hour(user):
    token = jwt.decode(issue_access_token(user, family=uuid.uuid4()), options={"verify_signature": False})

    assert token["exp"] - clock.now().timestamp() == pytest.approx(15 * 60, abs=5)


def test_t7_a_token_says_nothing_of_rights(user):
    """T7."""
    token = jwt.decode(issue_access_token(user, family=uuid.uuid4()), options={"verify_signature": False})

    assert set(token) == {"sub", "sid", "token_type", "aud", "exp"}


def test_t7_a_new_role_counts_with_the_next_request(user, bearer):
    """T7."""
    client = bearer(user)
    user.user_type = Role.TRANSLATOR
    user.save()

    assert client.get(PROFILE).json()["data"]["user_type"] == "translator"


def test_t7_a_deactivated_user_is_out_with_the_next_request(user, bearer):
    """T7."""
    client = bearer(user)
    user.is_active = False
    user.save()

    refused(client.get(PROFILE), "token_invalid")


def test_a_token_of_another_ones_sign_in_is_invalid(api, user, family):
    token = issue_access_token(UserFactory(), family=family)

    refused(ask(api, f"Bearer {token}"), "token_invalid")


def test_a_sign_in_that_nobody_renewed_is_over(api, user, family):
    RefreshToken.objects.update(expires_at=clock.now())

    refused(ask(api, f"Bearer {issue_access_token(user, family=family)}"), "token_invalid")


def test_a_renewed_sign_in_lives_on(api, user, sign_in):
    tokens = sign_in(user)
    renewed = api.post("/auth/refresh", {"refresh_token": tokens.refresh_token}).json()["data"]

    for token in (tokens.access_token, renewed["access_token"]):
        assert ask(api, f"Bearer {token}").status_code == 200


@pytest.fixture
def recognised(sign_in):
    """Sign somebody in; return how to ask who they are, by the token alone."""

    def ask_as(user):
        request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {sign_in(user).access_token}")
        return lambda: TokenAuthentication().authenticate(request)

    return ask_as


def test_one_query_finds_sign_in_and_user(user, recognised, django_assert_num_queries):
    who = recognised(user)

    with django_assert_num_queries(1):
        found, sign_in = who()
    assert (found, sign_in.second_factor) == (user, False)


class TestActivity:
    """When a sign-in was last seen at work: noted at most once a minute."""

    @pytest.fixture
    def seen_at(self, user):
        return lambda: RefreshToken.objects.values_list("last_activity_at", "is_copied").get(user=user)

    def test_a_fresh_sign_in_writes_nothing(self, user, recognised, seen_at):
        who, before = recognised(user), seen_at()
        who()
        assert seen_at() == before

    def test_after_a_minute_one_request_writes_and_the_next_does_not(
        self, user, recognised, seen_at, django_assert_num_queries
    ):
        who = recognised(user)
        RefreshToken.objects.filter(user=user).update(is_copied=True)
        later = clock.now() + timedelta(seconds=61)
        with clock.at(later), django_assert_num_queries(2):
            who()
        assert seen_at() == (later, False)
        with clock.at(later + timedelta(seconds=59)), django_assert_num_queries(1):
            who()

    @pytest.mark.django_db(transaction=True)
    def test_where_it_cannot_be_written_the_request_goes_on(self, user, recognised, seen_at, monkeypatch):
        who, before = recognised(user), seen_at()
        monkeypatch.setattr(presence, "NOTE_SQL", "SELECT 1 / 0, %(now)s, %(id)s, %(before)s")
        with clock.at(clock.now() + timedelta(seconds=61)):
            assert who()[0] == user
        assert seen_at() == before

    @pytest.mark.django_db(transaction=True)
    def test_nobody_waits_for_a_renewal_that_holds_the_row(self, user, recognised):
        who = recognised(user)
        with transaction.atomic():
            RefreshToken.objects.select_for_update().get(user=user)
            with clock.at(clock.now() + timedelta(seconds=61)), ThreadPoolExecutor(1) as other:
                found = other.submit(copy_context().run, ask_and_close, who).result(2)
        assert found[0] == user


def ask_and_close(who):
    try:
        return who()
    finally:
        connections.close_all()
