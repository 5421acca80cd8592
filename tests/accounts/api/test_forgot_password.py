"""POST /auth/forgot-password."""

import time
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.db import connection

from apps.accounts.api import pace
from apps.accounts.models import PasswordReset
from apps.accounts.services.mailed_secrets import MAILS_AN_HOUR
from apps.notifications.models import Notification
from medivoy.core import clock
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

FORGOT = "/auth/forgot-password"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(pace.steady_pace.__wrapped__, "__defaults__", (0.0,))


def ask(api, email, **extra):
    return api.post(FORGOT, {"email": email}, **extra)


def test_mails_a_link(api, user, mailed_secret):
    response = ask(api, user.email)

    assert response.status_code == 200
    reset = PasswordReset.objects.get(user=user)
    mail = Notification.objects.get(type="password_reset")
    assert mail.address == user.email
    assert mail.secret_link == f"{configured.APP_URL}/reset-password?token={mailed_secret(user, 'password_reset')}"
    assert reset.expires_at - clock.now() <= timedelta(minutes=30)


def test_t9_only_a_digest_is_kept(api, user, mailed_secret):
    """T9: neither the table nor the outbox holds the token in clear."""
    ask(api, user.email)

    secret = mailed_secret(user, "password_reset")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_jsonb(r)::text FROM password_resets r UNION SELECT to_jsonb(n)::text FROM notifications n"
        )
        dump = " ".join(row[0] for row in cursor.fetchall())
    assert len(secret) >= 43
    assert secret not in dump


def test_t9_the_link_never_follows_the_host_header(api, user, settings):
    """T9."""
    settings.ALLOWED_HOSTS = ["*"]

    ask(api, user.email, HTTP_HOST="evil.example", HTTP_X_FORWARDED_HOST="evil.example")

    assert Notification.objects.get(type="password_reset").secret_link.startswith(settings.APP_URL)


def test_t9_a_new_link_replaces_the_old(api, user, mailed_secret):
    """T9: the newest only."""
    ask(api, user.email)
    first = mailed_secret(user, "password_reset")
    ask(api, user.email)

    body = {"token": first, "password": "another-good-password-8"}
    assert api.post("/auth/reset-password", body).status_code == 400
    assert PasswordReset.objects.usable().count() == 1


def test_t10_known_unknown_and_closed_get_the_same_answer(api, user):
    """T10."""
    answers = [ask(api, email) for email in (user.email, "nobody@example.test", UserFactory(deactivated=True).email)]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(set(answer.headers) - {"X-Request-ID"})) for answer in answers}) == 1
    assert [reset.user for reset in PasswordReset.objects.all()] == [user]


def test_t10_known_and_unknown_take_the_same_time(api, user, monkeypatch):
    """T10: the answer waits for its time, whatever was done."""
    monkeypatch.setattr(pace.steady_pace.__wrapped__, "__defaults__", (0.4,))

    def seconds(email):
        started = time.perf_counter()
        ask(api, email)
        return time.perf_counter() - started

    known, unknown = (min(seconds(email) for _ in range(3)) for email in (user.email, "nobody@example.test"))
    assert abs(known - unknown) < 0.05
    assert min(known, unknown) >= 0.4


def test_the_address_may_be_typed_in_any_case(api, user):
    ask(api, user.email.upper())

    assert PasswordReset.objects.filter(user=user).exists()


def test_t66_a_mailbox_is_not_flooded_and_its_owner_not_shut_out(api, user, mailed_secret):
    """T66: beyond the cap no mail is sent, the answer stays the same, and the last link that was sent stays good."""
    answers = {ask(api, user.email).content for _ in range(MAILS_AN_HOUR + 3)}

    assert len(answers) == 1
    assert Notification.objects.filter(type="password_reset").count() == MAILS_AN_HOUR
    body = {"token": mailed_secret(user, "password_reset"), "password": "another-good-password-8"}
    assert api.post("/auth/reset-password", body).status_code == 200


def test_t66_an_hour_later_mails_go_out_again(api, user):
    with clock.at(clock.now() - timedelta(minutes=61)):
        for _ in range(MAILS_AN_HOUR):
            ask(api, user.email)

    ask(api, user.email)

    assert Notification.objects.filter(type="password_reset").count() == MAILS_AN_HOUR + 1


def test_a_network_asks_so_often(api, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"password_reset": "2/h"}

    assert [ask(api, f"n{i}@example.test").status_code for i in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    "body", [{}, {"email": ""}, {"email": "x"}, {"email": None}, {"email": 1}, {"email": ["a@b.c"]}]
)
def test_what_is_no_address_is_400(api, body):
    assert api.post(FORGOT, body).status_code == 400
