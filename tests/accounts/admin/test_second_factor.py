"""The second factor at the console: the second step of signing in, setting it up, and being made to."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from apps.accounts.admin.second_step import GIVEN, HALF
from apps.accounts.models import Totp
from apps.accounts.services import half_sign_ins
from apps.accounts.services.second_factor_codes import replace_recovery_codes
from apps.accounts.services.sessions import end_all_sessions
from apps.notifications.models import Notification
from medivoy.core import clock
from tests.accounts.second_factor import STAFF, first_step, protected, second_step
from tests.factories.accounts import PASSWORD, PasswordResetFactory, TotpFactory, UserFactory, code_of, wrong_code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("steady_clock")]

LOGIN, CODE, OWN = "/admin/login/", "/admin/login/code/", "/admin/second-factor/"
START = "/admin/accounts/user/"
SHOWN_CODE = re.compile(r'<bdi dir="ltr">([0-9A-Z]{4}(?:-[0-9A-Z]{4}){6})</bdi>')


def give_password(client, user, password=PASSWORD, **extra):
    return client.post(LOGIN, {"username": user.email, "password": password, "next": START}, **extra)


def give_code(client, code, **extra):
    return client.post(CODE, {"code": code}, **extra)


def enter(client, user):
    give_password(client, user)
    return give_code(client, code_of(user))


def is_in(client):
    return client.get(START).status_code == 200


def step(client, name, **values):
    return client.post(OWN, {"step": name, **values})


@pytest.fixture
def user(db):
    return protected(coordinator=True)


# --- signing in ------------------------------------------------------------------------------------------------------


def test_t14_the_password_alone_signs_nobody_in(client, user):
    """T14."""
    answer = give_password(client, user)

    assert (answer.status_code, answer["Location"]) == (302, CODE)
    assert SESSION_KEY not in client.session
    assert not is_in(client)
    user.refresh_from_db()
    assert user.last_login is None


def test_the_code_does_and_leads_where_one_was_going(client, user):
    answer = enter(client, user)

    assert (answer.status_code, answer["Location"]) == (302, START)
    assert is_in(client)
    assert client.session[GIVEN] is True
    assert HALF not in client.session


@pytest.mark.parametrize("goal", ["https://evil.test/", "//evil.test/", "javascript:alert(1)"])
def test_nobody_is_led_astray(client, user, goal):
    client.post(LOGIN, {"username": user.email, "password": PASSWORD, "next": goal})

    assert give_code(client, code_of(user))["Location"] == "/admin/"


def test_the_session_key_changes_at_each_step(client, user):
    """No key that somebody planted before is worth anything afterwards."""
    client.get(LOGIN)
    session = client.session
    session["planted"] = True
    session.save()
    keys = [session.session_key]
    give_password(client, user)
    keys.append(client.session.session_key)
    give_code(client, code_of(user))
    keys.append(client.session.session_key)

    assert len(set(keys)) == 3
    assert not Session.objects.filter(session_key__in=keys[:2]).exists()


def test_whoever_was_signed_in_is_not_while_the_code_is_asked(client, user):
    client.force_login(UserFactory(admin=True))

    give_password(client, user)

    assert SESSION_KEY not in client.session


def test_t14_a_code_opens_one_of_both_doors(client, api, user):
    """T14: once, whichever door."""
    code = code_of(user)
    assert second_step(api, first_step(api, user), code).status_code == 200

    give_password(client, user)

    assert give_code(client, code).context["form"].errors["code"]
    assert not is_in(client)


def test_a_recovery_code_opens_here_too_and_once(client, user):
    code = replace_recovery_codes(user)[0]
    give_password(client, user)
    assert give_code(client, code).status_code == 302

    other = Client()
    give_password(other, user)
    assert give_code(other, code).status_code == 200


def test_t12_wrong_codes_slow_down_at_both_doors(client, api, user):
    """T12: one count."""
    give_password(client, user)
    for _ in range(3):
        assert give_code(client, wrong_code(user)).status_code == 200
    token = first_step(api, user)
    for _ in range(2):
        second_step(api, token, wrong_code(user))

    slowed = give_code(client, code_of(user))

    assert "Too many attempts" in slowed.context["form"].non_field_errors()[0]
    assert not is_in(client)


def test_without_the_first_step_there_is_no_second(client):
    for answer in (client.get(CODE), give_code(client, "123456")):
        assert (answer.status_code, answer["Location"]) == (302, LOGIN)


def test_the_apis_token_is_none_here(client, api, user):
    session = client.session
    session[HALF] = first_step(api, user)
    session.save()

    assert give_code(client, code_of(user))["Location"] == LOGIN
    assert not is_in(client)


@pytest.mark.parametrize("undone", ["reset", "signed out", "late"])
def test_the_first_step_is_undone(client, api, user, undone):
    if undone == "late":
        with clock.at(clock.now() - half_sign_ins.LIFETIME * 2):
            give_password(client, user)
    else:
        give_password(client, user)
    if undone == "reset":
        PasswordResetFactory(user=user, secret="mailed")
        api.post("/auth/reset-password", {"token": "mailed", "password": "another-good-password-8"})
    if undone == "signed out":
        end_all_sessions(user)

    assert give_code(client, code_of(user))["Location"] == LOGIN
    assert not is_in(client)


def test_who_has_none_signs_in_as_before(client):
    user = UserFactory(coordinator=True)

    assert give_password(client, user)["Location"] == START
    assert is_in(client)


@pytest.mark.parametrize("code", ["", "x" * 65, "nul\x00", "١٢", "<script>"])
def test_nonsense_is_refused(client, user, code):
    give_password(client, user)

    assert give_code(client, code).status_code == 200


# --- setting it up ---------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(client):
    """Somebody signed in who has none."""
    user = UserFactory(coordinator=True)
    give_password(client, user)
    client.user = user
    return client


def set_up(client, user):
    step(client, "begin", current_password=PASSWORD)
    return step(client, "confirm", code=code_of(user))


def test_the_secret_is_shown_after_the_password_and_not_again(desk):
    shown = step(desk, "begin", current_password=PASSWORD)
    secret = Totp.objects.get(user=desk.user).secret

    page = shown.content.decode()
    assert secret in page
    assert "mv-qr" in page
    for again in (desk.get(OWN), step(desk, "confirm", code=wrong_code(desk.user))):
        assert secret not in again.content.decode()
        assert "mv-qr" not in again.content.decode()


def test_t13_a_wrong_password_shows_nothing(desk):
    answer = step(desk, "begin", current_password="wrong-password-1")

    assert answer.context["begin"].errors["current_password"]
    assert not Totp.objects.filter(user=desk.user).exists()


def test_confirming_shows_ten_codes_once_and_this_session_goes_on(desk, bearer):
    other, elsewhere = Client(), bearer(desk.user)
    give_password(other, desk.user)
    key = desk.session.session_key

    codes = SHOWN_CODE.findall(set_up(desk, desk.user).content.decode())

    assert len(set(codes)) == 10
    assert is_in(desk)
    assert desk.session[GIVEN] is True
    assert desk.session.session_key != key
    assert not is_in(other)
    assert elsewhere.get("/auth/profile").status_code == 401
    assert codes[0] not in desk.get(OWN).content.decode()
    assert Notification.objects.filter(user=desk.user, type="second_factor_on").exists()


def test_new_recovery_codes(desk):
    old = SHOWN_CODE.findall(set_up(desk, desk.user).content.decode())

    shown = step(desk, "renew", current_password=PASSWORD, code=old[0])

    assert len(set(SHOWN_CODE.findall(shown.content.decode())) - set(old)) == 10
    assert "10 recovery codes are left" in desk.get(OWN).content.decode()


@pytest.mark.parametrize("name", ["renew", "remove"])
@pytest.mark.parametrize("wrong", ["current_password", "code"])
def test_both_must_be_right(client, user, name, wrong):
    enter(client, user)
    values = {"current_password": PASSWORD, "code": code_of(user, steps=1)} | {wrong: wrong_code(user)}

    answer = step(client, name, **values)

    assert answer.context[name].errors[wrong]
    assert Totp.objects.filter(user=user).exists()
    assert not user.recovery_codes.exists()


def test_turning_it_off(client, user):
    enter(client, user)

    assert step(client, "remove", current_password=PASSWORD, code=code_of(user, steps=1)).status_code == 302

    assert not Totp.objects.filter(user=user).exists()
    assert is_in(client)
    other = Client()
    give_password(other, user)
    assert is_in(other)


@pytest.mark.parametrize("name", ["confirm", "renew", "remove", "", "nonsense"])
def test_steps_out_of_turn_change_nothing(desk, name):
    assert step(desk, name, current_password=PASSWORD, code="123456").status_code == 200
    assert not Totp.objects.filter(user=desk.user).exists()


@pytest.mark.parametrize("role", ["patient", "doctor", "hospital_admin"])
def test_the_page_is_for_those_who_work_here(client, role):
    client.force_login(UserFactory(user_type=role))

    assert client.get(OWN)["Location"].startswith(LOGIN)


# --- being made to ---------------------------------------------------------------------------------------------------


@pytest.fixture
def required(settings):
    settings.STAFF_TOTP_REQUIRED = True


PAGES = [
    "/admin/",
    "/admin/accounts/user/",
    "/admin/accounts/user/add/",
    "/admin/bookings/booking/",
    "/admin/search/?s=a",
    "/admin/autocomplete/",
    "/admin/jsi18n/",
    "/admin/password_change/",
    "/admin/password_change/done/",
    "/admin/accounts/",
    "/admin/nowhere/",
    "/admin/r/1/1/",
]


@pytest.mark.parametrize("role", STAFF)
def test_t14_every_page_leads_to_setting_it_up(client, required, role):
    """T14: for whoever came with a password alone."""
    user = UserFactory(user_type=role)
    give_password(client, user)

    for page in PAGES:
        for answer in (client.get(page), client.post(page)):
            assert (answer.status_code, answer["Location"]) == (302, OWN), page
    assert client.get("/admin/", HTTP_HX_REQUEST="true")["HX-Redirect"] == OWN
    shown = client.get(OWN)
    assert shown.status_code == 200
    assert "nav-sidebar" not in shown.content.decode()


@pytest.mark.parametrize("role", STAFF)
def test_until_it_is_done(client, required, role):
    user = UserFactory(user_type=role)
    give_password(client, user)

    assert len(SHOWN_CODE.findall(set_up(client, user).content.decode())) == 10

    assert client.get("/admin/").status_code == 200
    assert "Turn two-step sign-in off" not in client.get(OWN).content.decode()
    refused = step(client, "remove", current_password=PASSWORD, code=code_of(user, steps=1))
    assert refused.context["remove"].non_field_errors()
    assert Totp.objects.filter(user=user).exists()


def test_one_may_always_leave(client, required):
    give_password(client, UserFactory(coordinator=True))

    assert client.post("/admin/logout/").status_code == 200
    assert SESSION_KEY not in client.session


def test_a_session_from_before_signs_in_again(client, required):
    user = UserFactory(coordinator=True)
    client.force_login(user)
    TotpFactory(user=user)

    assert client.get("/admin/")["Location"] == OWN
    assert client.get(OWN)["Location"] == LOGIN
    assert SESSION_KEY not in client.session


def test_every_page_of_the_console_is_behind_the_gate(client, required):
    """Whatever its address: found in the routes, not listed by hand."""
    give_password(client, UserFactory(admin=True))
    found = [name for name in addresses() if name not in BEFORE_IT]

    assert len(found) > 50
    for name, address in [(name, addresses()[name]) for name in found]:
        answer = client.get(address)
        assert (answer.status_code, answer.headers.get("Location")) == (302, OWN), name


# What it takes to sign in, and the pages of mailed links, which ask for no sign-in.
BEFORE_IT = (
    "second_factor",
    "second_step",
    "login",
    "logout",
    "forgotten_password",
    "accept_invitation",
    "reset_password",
)


def addresses():
    """Return an address for each named page of the console, by its name."""
    return dict(_addresses(admin.site.get_urls(), "/admin/"))


def _addresses(patterns, start):
    for pattern in patterns:
        route = re.sub(r"<[^>]+>", "1", str(pattern.pattern)).replace("^", "").replace("$", "")
        if hasattr(pattern, "url_patterns"):
            yield from _addresses(pattern.url_patterns, start + route)
        elif pattern.name and "(" not in route:
            yield pattern.name, start + route


# --- lost ------------------------------------------------------------------------------------------------------------


def button_of(user):
    return reverse("admin:accounts_user_reset_second_factor", args=[user.pk])


def reset(client, user, reason="device_lost"):
    return client.post(button_of(user), {"reason": reason, "_form_submitted": "on"})


@pytest.fixture
def admin_desk(client):
    client.force_login(UserFactory(admin=True))
    return client


def test_an_admin_resets_what_somebody_has_lost(admin_desk, user, bearer):
    elsewhere = bearer(user)
    assert button_of(user) in admin_desk.get(f"{START}{user.pk}/change/").content.decode()

    assert reset(admin_desk, user).status_code == 302

    assert not Totp.objects.filter(user=user).exists()
    assert elsewhere.get("/auth/profile").status_code == 401
    assert Notification.objects.filter(user=user, type="second_factor_off").exists()


def test_not_without_a_reason(admin_desk, user):
    reset(admin_desk, user, reason="")

    assert Totp.objects.filter(user=user).exists()


def test_t15_not_their_own(client):
    """T15."""
    admin_user = protected(admin=True)
    client.force_login(admin_user)

    assert button_of(admin_user) not in client.get(f"{START}{admin_user.pk}/change/").content.decode()
    assert reset(client, admin_user).status_code == 403
    assert Totp.objects.filter(user=admin_user).exists()


@pytest.mark.parametrize("role", ["coordinator", "translator"])
def test_nobody_else_does(client, user, role):
    client.force_login(UserFactory(user_type=role))

    assert reset(client, user).status_code == 403
    assert Totp.objects.filter(user=user).exists()


def test_where_there_is_none_there_is_no_button(admin_desk):
    assert "reset-second-factor" not in admin_desk.get(f"{START}{UserFactory().pk}/change/").content.decode()
