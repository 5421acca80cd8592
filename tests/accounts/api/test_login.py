"""POST /auth/login."""

import time

import pytest
from django.test import override_settings

from apps.accounts.models import RefreshToken
from apps.accounts.roles import Role
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

CHALLENGE = 'Bearer realm="api"'
LOGIN = "/auth/login"


def log_in(api, email, password=PASSWORD, **extra):
    return api.post(LOGIN, {"email": email, "password": password}, **extra)


def test_answers_the_user_and_both_tokens(api, user):
    response = log_in(api, user.email)

    assert response.status_code == 200
    body = response.json()
    assert body["success"] is True
    assert body["message"] == "Login successful"
    assert set(body["data"]) == {"user", "access_token", "refresh_token", "expires_in"}
    assert body["data"]["user"]["id"] == str(user.pk)
    assert body["data"]["user"]["profile"] == {}


def test_t4_the_answer_has_the_public_fields_and_no_other(api, user):
    """T4: never the row as it is stored."""
    person = log_in(api, user.email).json()["data"]["user"]

    assert set(person) == {
        "id",
        "email",
        "phone",
        "user_type",
        "first_name",
        "last_name",
        "profile_picture",
        "preferred_language",
        "timezone",
        "is_verified",
        "is_active",
        "mfa_enabled",
        "recovery_codes_left",
        "last_login",
        "created_at",
        "updated_at",
        "profile",
    }
    assert user.password not in str(person)


def test_t12_what_neighbours_ask_keeps_nobody_from_signing_in(api, user, settings):
    """T12: whoever shares the address of somebody who asks and asks still gets in, with two steps too."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"anonymous": "2/15m"}
    settings.RATE_LIMIT_WIDTH = 1
    assert [api.get("/bookings").status_code for _number in range(4)] == [401, 401, 429, 429]

    answer = log_in(api, user.email)

    assert (answer.status_code, answer["RateLimit-Limit"]) == (200, "300")
    assert api.post("/auth/login/mfa", {"mfa_token": "none", "code": "123456"}).status_code == 401


@pytest.mark.parametrize("role", Role.values)
def test_every_role_signs_in_here(api, role):
    user = UserFactory(user_type=role)

    assert log_in(api, user.email).json()["data"]["user"]["user_type"] == role


def test_t11_the_address_may_be_typed_in_any_case_and_width(api):
    UserFactory(email="maria@example.test")

    for typed in ("Maria@Example.TEST", "  maria@example.test ", "ｍａｒｉａ@example.test"):
        assert log_in(api, typed).status_code == 200


def test_t5_the_refresh_token_is_kept_as_a_digest_only(api, user):
    """T5: what the database holds signs nobody in."""
    secret = log_in(api, user.email, HTTP_USER_AGENT="Phone/1").json()["data"]["refresh_token"]

    row = RefreshToken.objects.get(user=user)
    assert secret not in row.token
    assert row.ip == "127.0.0.1"
    assert row.user_agent == "Phone/1"


def test_two_devices_are_two_sign_ins(api, user):
    log_in(api, user.email)
    log_in(api, user.email)

    assert RefreshToken.objects.filter(user=user).values("family").distinct().count() == 2


def test_notes_when(api, user):
    log_in(api, user.email)

    user.refresh_from_db()
    assert user.last_login is not None


def test_t10_every_refusal_is_the_same(api, user):
    """T10: unknown e-mail, wrong password, closed account: one status, body and set of headers."""
    closed = UserFactory(deactivated=True)
    answers = [
        log_in(api, "nobody@example.test"),
        log_in(api, user.email, "wrong-password-1"),
        log_in(api, closed.email),
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.content for answer in answers} == {
        b'{"success":false,"message":"The e-mail address or the password is not right.","code":"invalid_credentials"}'
    }
    assert {answer["WWW-Authenticate"] for answer in answers} == {CHALLENGE}
    assert len({tuple(sorted(set(answer.headers) - {"X-Request-ID"})) for answer in answers}) == 1
    assert not RefreshToken.objects.exists()


@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"])
def test_t10_every_refusal_takes_the_same_time(api):
    """T10: with the real hash. Processor time, the least of several: what else the machine does is no matter."""
    user, closed = UserFactory(), UserFactory(deactivated=True)
    for person in (user, closed):
        person.set_password(PASSWORD)
        person.save()
    cases = {user.email: "wrong-password-1", "nobody@example.test": "wrong-password-1", closed.email: PASSWORD}

    def seconds(email, network):
        started = time.process_time()
        assert log_in(api, email, cases[email], REMOTE_ADDR=f"198.51.100.{network}").status_code == 401
        return time.process_time() - started

    rounds = [[seconds(email, network) for email in cases] for network in range(5)]
    least = [min(times) for times in zip(*rounds, strict=True)]

    assert max(least) < 1.3 * min(least)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "person@example.test"},
        {"email": "person", "password": PASSWORD},
        {"email": ["person@example.test"], "password": PASSWORD},
        {"email": {"$ne": ""}, "password": {"$ne": ""}},
        {"email": "person@example.test", "password": 12345678901},
        {"email": "person@example.test", "password": None},
        {"email": "person@example.test", "password": "x" * 129},
        {"email": "a" * 5000 + "@example.test", "password": PASSWORD},
        {"email": "pers\u0131on@example.test", "password": PASSWORD},
    ],
)
def test_t56_what_is_no_pair_of_texts_is_400(api, body):
    """T56, T57: typed input only; no database is asked."""
    response = api.post(LOGIN, body)

    assert response.status_code == 400
    assert response.json()["code"] == "validation_error"


@pytest.mark.parametrize("escape", [r"\u0000", r"\ud800"])
def test_t57_unstorable_characters_are_400(api, escape):
    body = f'{{"email": "person@example.test", "password": "some {escape} password"}}'

    assert api.post(LOGIN, body.encode(), content_type="application/json").status_code == 400


def test_t12_failures_slow_down_and_say_how_long(api, user):
    """T12: the account from this network; another network goes on."""
    for _ in range(5):
        assert log_in(api, user.email, "wrong-password-1").status_code == 401

    slowed = log_in(api, user.email)
    assert slowed.status_code == 429
    assert slowed.json()["code"] == "rate_limited"
    assert int(slowed["Retry-After"]) >= 1
    assert log_in(api, user.email, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_t12_an_unknown_account_slows_down_just_the_same(api):
    statuses = [log_in(api, "nobody@example.test").status_code for _ in range(6)]

    assert statuses == [401] * 5 + [429]


def test_success_forgets_the_failures_before_it(api, user):
    for _ in range(3):
        for _ in range(4):
            log_in(api, user.email, "wrong-password-1")
        assert log_in(api, user.email).status_code == 200


def test_an_expired_token_beside_the_credentials_does_no_harm(api, user):
    assert log_in(api, user.email, HTTP_AUTHORIZATION="Bearer long.gone.token").status_code == 200


def test_the_password_never_reaches_the_logs(api, user, caplog):
    """T60."""
    with caplog.at_level("DEBUG"):
        log_in(api, user.email)
        log_in(api, user.email, "canary-wrong-password")

    assert PASSWORD not in caplog.text
    assert "canary-wrong-password" not in caplog.text


def test_query_count_is_constant(api, user, django_assert_num_queries):
    with django_assert_num_queries(9):
        log_in(api, user.email)
