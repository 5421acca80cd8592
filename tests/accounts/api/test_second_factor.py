"""POST /auth/mfa/setup, /auth/mfa/confirm, /auth/mfa/recovery-codes and DELETE /auth/mfa."""

import re
from datetime import timedelta

import pyotp
import pytest
from django.db import connection

from apps.accounts.models import RecoveryCode, RefreshToken, Totp, User
from apps.notifications.models import Channel, Notification
from medivoy.core import clock
from tests.accounts.second_factor import (
    CONFIRM,
    LOGIN,
    MFA,
    NEW_CODES,
    SETUP,
    first_step,
    protected,
    second_step,
    with_password,
)
from tests.factories.accounts import PASSWORD, TotpFactory, UserFactory, code_of, wrong_code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("steady_clock")]

READABLE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){6}")


@pytest.fixture
def client(bearer, user):
    return bearer(user)


def begin(client, password=PASSWORD):
    return client.post(SETUP, {"current_password": password})


def confirm(client, user):
    return client.post(CONFIRM, {"code": code_of(user)})


def told(user, kind):
    return set(Notification.objects.filter(user=user, type=kind).values_list("channel", flat=True))


# --- setting up ------------------------------------------------------------------------------------------------------


def test_t12_only_whose_address_is_proven_sets_one_up(api, bearer, user, mailed_secret):
    """T12: whoever registers with the address of somebody else would keep its owner out by it, for good."""
    User.objects.filter(pk=user.pk).update(is_verified=False)
    client = bearer(user)

    refused = [begin(client), client.post(CONFIRM, {"code": "123456"})]

    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "email_not_verified")] * 2
    api.post("/auth/forgot-password", {"email": user.email})
    owner = {"token": mailed_secret(user, "password_reset"), "password": "another-Long-one-4711"}
    assert api.post("/auth/reset-password", owner).status_code == 200
    answer = api.post(LOGIN, {"email": user.email, "password": owner["password"]})
    assert "access_token" in answer.json()["data"]


def test_a_secret_an_address_and_a_picture_of_it(client, user):
    data = begin(client).json()["data"]

    assert set(data) == {"secret", "uri", "qr_svg"}
    parsed = pyotp.parse_uri(data["uri"])
    assert (parsed.secret, parsed.name, parsed.issuer) == (data["secret"], user.email, "Medivoy")
    assert len(data["secret"]) * 5 >= 160
    assert data["qr_svg"].startswith("<svg")
    assert "script" not in data["qr_svg"]


def test_nothing_is_on_until_it_is_confirmed(api, client, user):
    begin(client)

    assert client.get("/auth/profile").json()["data"]["mfa_enabled"] is False
    assert "access_token" in api.post(LOGIN, {"email": user.email, "password": PASSWORD}).json()["data"]


def test_t13_it_takes_the_password(client, user):
    """T13: an open browser is not enough."""
    answer = begin(client, "wrong-password-1")

    assert answer.status_code == 400
    assert "current_password" in answer.json()["errors"]
    assert not Totp.objects.filter(user=user).exists()


def test_t12_guesses_at_the_password_slow_down(client):
    statuses = [begin(client, "wrong-password-1").status_code for _ in range(6)]

    assert statuses == [400] * 5 + [429]


def test_a_new_one_replaces_what_was_not_confirmed(client, user):
    begin(client)
    old = code_of(user)
    second = begin(client).json()["data"]["secret"]

    assert Totp.objects.get(user=user).secret == second
    assert client.post(CONFIRM, {"code": old}).status_code == 400
    assert confirm(client, user).status_code == 200


def test_what_is_confirmed_is_not_replaced(client, user):
    begin(client)
    confirm(client, user)
    secret = Totp.objects.get(user=user).secret

    for answer in (begin(client), client.post(CONFIRM, {"code": code_of(user, steps=1)})):
        assert (answer.status_code, answer.json()["code"]) == (409, "mfa_already_set_up")
    assert Totp.objects.get(user=user).secret == secret


def test_confirming_gives_ten_readable_codes_and_tells_the_owner(client, user):
    begin(client)
    codes = confirm(client, user).json()["data"]["recovery_codes"]

    assert len(set(codes)) == 10
    assert all(READABLE.fullmatch(code) for code in codes)
    profile = client.get("/auth/profile").json()["data"]
    assert (profile["mfa_enabled"], profile["recovery_codes_left"]) == (True, 10)
    assert told(user, "second_factor_on") == {Channel.IN_APP, Channel.EMAIL}


def test_a_wrong_code_confirms_nothing(client, user):
    begin(client)
    answer = client.post(CONFIRM, {"code": wrong_code(user)})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_code")
    assert not Totp.objects.filter(user=user, confirmed_at__isnull=False).exists()
    assert not RecoveryCode.objects.filter(user=user).exists()


def test_there_is_nothing_to_confirm(client):
    answer = client.post(CONFIRM, {"code": "123456"})

    assert (answer.status_code, answer.json()["code"]) == (409, "mfa_not_set_up")


def test_this_sign_in_goes_on_as_one_with_a_second_factor_and_all_others_end(api, bearer, sign_in, user, client):
    mine, elsewhere = sign_in(user), bearer(user)
    client = bearer(user, token=mine.access_token)
    begin(client)

    assert confirm(client, user).status_code == 200

    assert elsewhere.get("/auth/profile").status_code == 401
    assert client.get("/auth/profile").status_code == 200
    live = RefreshToken.objects.live().get(user=user)
    assert live.second_factor
    renewed = api.post("/auth/refresh", {"refresh_token": mine.refresh_token})
    assert renewed.status_code == 200
    assert RefreshToken.objects.live().get(user=user).second_factor


def test_t14_the_code_that_confirmed_opens_nothing_afterwards(api, client, user):
    """T14."""
    begin(client)
    code = code_of(user)
    client.post(CONFIRM, {"code": code})

    assert second_step(api, first_step(api, user), code).status_code == 401


# --- new recovery codes ----------------------------------------------------------------------------------------------


def test_new_recovery_codes_replace_the_old(api, bearer):
    user = protected()
    client = bearer(user)
    old = client.post(NEW_CODES, with_password(code_of(user, steps=-1))).json()["data"]["recovery_codes"]
    new = client.post(NEW_CODES, with_password(code_of(user))).json()["data"]["recovery_codes"]

    assert not set(old) & set(new)
    assert second_step(api, first_step(api, user), old[0]).status_code == 401
    assert second_step(api, first_step(api, user), new[0]).status_code == 200


@pytest.mark.parametrize("wrong", ["password", "code"])
@pytest.mark.parametrize("method", ["post", "delete"])
def test_both_must_be_right(bearer, method, wrong):
    user = protected()
    body = with_password(wrong_code(user) if wrong == "code" else code_of(user))
    if wrong == "password":
        body["current_password"] = "wrong-password-1"
    answer = getattr(bearer(user), method)(NEW_CODES if method == "post" else MFA, body)

    assert answer.status_code == 400
    assert ("current_password" if wrong == "password" else "code") in answer.json()["errors"]
    assert Totp.objects.get(user=user).last_step == 0
    assert not RecoveryCode.objects.filter(user=user).exists()


def test_t12_guesses_at_the_code_slow_down_here_and_at_the_door(api, bearer):
    """T12: one count, whoever guesses with whose sign-in."""
    user = protected()
    client = bearer(user)
    statuses = [client.delete(MFA, with_password(wrong_code(user))).status_code for _ in range(6)]

    assert statuses == [400] * 5 + [429]
    assert second_step(api, first_step(api, user), code_of(user)).status_code == 429


@pytest.mark.parametrize(("method", "path"), [("post", NEW_CODES), ("delete", MFA)])
def test_without_one_there_is_nothing_to_change(client, method, path):
    answer = getattr(client, method)(path, with_password("123456"))

    assert (answer.status_code, answer.json()["code"]) == (409, "mfa_not_set_up")


# --- turning it off --------------------------------------------------------------------------------------------------


def test_off_with_password_and_code(api, bearer):
    user = protected()
    client, elsewhere = bearer(user), bearer(user)

    assert client.delete(MFA, with_password(code_of(user))).status_code == 200

    assert not Totp.objects.filter(user=user).exists()
    assert not RecoveryCode.objects.filter(user=user).exists()
    assert client.get("/auth/profile").json()["data"]["mfa_enabled"] is False
    assert elsewhere.get("/auth/profile").status_code == 401
    assert told(user, "second_factor_off") == {Channel.IN_APP, Channel.EMAIL}
    assert "access_token" in api.post(LOGIN, {"email": user.email, "password": PASSWORD}).json()["data"]


def test_whoever_lost_the_authenticator_turns_it_off_with_a_recovery_code(bearer):
    user = protected()
    client = bearer(user)
    codes = client.post(NEW_CODES, with_password(code_of(user))).json()["data"]["recovery_codes"]

    assert client.delete(MFA, with_password(codes[3])).status_code == 200


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_t14_no_secret_and_no_code_lies_in_the_tables_in_clear(client, user):
    """T14: what a copy of the database holds signs nobody in."""
    secret = begin(client).json()["data"]["secret"]
    codes = confirm(client, user).json()["data"]["recovery_codes"]
    with connection.cursor() as cursor:
        tables = ("totps", "recovery_codes", "notifications", "refresh_tokens", "users")
        dump = ""
        for table in tables:
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            dump += cursor.fetchone()[0] or ""

    assert str(user.pk) in dump
    for word in (secret, *codes, *(code.replace("-", "") for code in codes)):
        assert word not in dump


def test_t60_neither_secret_nor_code_is_logged(api, client, user, caplog):
    """T60."""
    with caplog.at_level("DEBUG"):
        secret = begin(client).json()["data"]["secret"]
        code = code_of(user)
        codes = client.post(CONFIRM, {"code": code}).json()["data"]["recovery_codes"]
        token = first_step(api, user)
        second_step(api, token, codes[0])
        second_step(api, token, codes[0])

    for word in (secret, code, token, *codes):
        assert word not in caplog.text


def test_it_is_ones_own_alone(bearer):
    """Nobody sees of another's account whether there is a second factor."""
    other = protected()
    client = bearer(UserFactory())

    assert client.get("/auth/profile").json()["data"]["mfa_enabled"] is False
    assert client.delete(MFA, with_password(code_of(other))).status_code == 409
    assert Totp.objects.filter(user=other).exists()


def test_a_secret_that_was_begun_long_ago_still_needs_todays_code(client, user):
    TotpFactory(user=user, confirmed_at=None)
    with clock.at(clock.now() - timedelta(minutes=5)):
        old = code_of(user)

    assert client.post(CONFIRM, {"code": old}).status_code == 400
