"""The console's front door."""

import pytest

from apps.accounts.models import User
from apps.accounts.services import passwords
from apps.accounts.services.sessions import end_all_sessions
from apps.notifications.models import Notification
from tests.factories.accounts import PASSWORD, PasswordResetFactory, UserFactory

pytestmark = pytest.mark.django_db

LOGIN, START = "/admin/login/", "/admin/accounts/user/"


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post(LOGIN, {"username": email, "password": password, "next": START}, **extra)


def is_in(client):
    return client.get(START).status_code == 200


@pytest.mark.parametrize("role", ["coordinator", "admin"])
def test_staff_signs_in_by_e_mail(client, role):
    user = UserFactory(**{role: True})

    assert sign_in(client, user.email.upper()).status_code == 302
    assert is_in(client)


@pytest.mark.parametrize("role", ["patient", "doctor", "hospital_admin"])
def test_t15_nobody_else_gets_in(client, role):
    """T15."""
    user = UserFactory(user_type=role)

    assert sign_in(client, user.email).status_code == 200
    assert not is_in(client)
    client.force_login(user)
    assert not is_in(client)


def test_t10_unknown_wrong_and_closed_read_the_same(client):
    """T10."""
    staff, closed = UserFactory(coordinator=True), UserFactory(coordinator=True, deactivated=True)
    attempts = [(staff.email, "wrong-password-1"), ("nobody@example.test", PASSWORD), (closed.email, PASSWORD)]

    errors = [sign_in(client, *attempt).context["form"].non_field_errors() for attempt in attempts]

    assert errors[0]
    assert errors[0] == errors[1] == errors[2]


def test_t12_failures_slow_down_at_both_doors(client, api):
    """T12: the same count, whichever door is tried."""
    user = UserFactory(coordinator=True)
    for _ in range(3):
        sign_in(client, user.email, "wrong-password-1")
    for _ in range(2):
        api.post("/auth/login", {"email": user.email, "password": "wrong-password-1"})

    slowed = sign_in(client, user.email)

    assert "Too many attempts" in slowed.context["form"].non_field_errors()[0]
    assert not is_in(client)


@pytest.mark.parametrize("missing", [{"password": ""}, {"password": "x" * 5000}, {"username": "x" * 300}])
def test_t12_what_proves_nothing_takes_no_count_back(client, api, missing):
    """T12: an attempt without a password, between guesses, would make them free."""
    user = UserFactory(coordinator=True)
    guess = {"email": user.email, "password": "wrong-password-1"}
    codes = []
    for _ in range(8):
        codes.append(api.post("/auth/login", guess).status_code)
        client.post(LOGIN, {"username": user.email, "password": "wrong", "next": START} | missing)

    assert 429 in codes


def test_a_deactivated_one_is_out_with_the_next_click(client):
    user = UserFactory(coordinator=True)
    sign_in(client, user.email)
    user.is_active = False
    user.save()

    assert not is_in(client)


def test_a_new_password_ends_the_session(client, api):
    user = UserFactory(coordinator=True)
    PasswordResetFactory(user=user, secret="mailed")
    sign_in(client, user.email)

    api.post("/auth/reset-password", {"token": "mailed", "password": "another-good-password-8"})

    assert not is_in(client)


def test_t6_ending_all_sign_ins_ends_the_consoles_too(client):
    """T6: "all" is all."""
    user = UserFactory(coordinator=True)
    sign_in(client, user.email)
    assert is_in(client)

    end_all_sessions(user)

    assert not is_in(client)


@pytest.mark.parametrize(
    ("email", "password"),
    [("", ""), ("x" * 300, PASSWORD), ("nul\x00@example.test", PASSWORD), ("a@b.test", "x" * 5000)],
)
def test_hostile_input_is_refused(client, email, password):
    assert sign_in(client, email, password).status_code == 200


@pytest.fixture
def inside(client):
    user = UserFactory(coordinator=True)
    sign_in(client, user.email)
    return user


def change_password(client, old=PASSWORD, new="another-good-password-8"):
    return client.post("/admin/password_change/", {"old_password": old, "new_password1": new, "new_password2": new})


def test_staff_change_their_own_password_and_other_sign_ins_end(client, inside, api, bearer):
    elsewhere = bearer(inside)

    assert client.get("/admin/password_change/").status_code == 200
    assert change_password(client).status_code == 302

    assert is_in(client)
    assert elsewhere.get("/auth/profile").status_code == 401
    assert Notification.objects.filter(user=inside, type="password_changed").exists()
    assert api.post("/auth/login", {"email": inside.email, "password": "another-good-password-8"}).status_code == 200


@pytest.mark.parametrize("wrong", [{"old": "wrong-password-1"}, {"new": "password123"}, {"new": ""}])
def test_a_wrong_old_or_a_weak_new_password_changes_nothing(client, inside, wrong):
    assert change_password(client, **wrong).status_code == 200

    inside.refresh_from_db()
    assert inside.check_password(PASSWORD)


def test_t12_guesses_at_ones_own_password_have_to_wait_at_both_doors(client, inside, bearer):
    """T12: whoever finds the console open cannot try on and on."""
    for number in range(6):
        refused = change_password(client, old=f"wrong-password-{number}")
    assert "Too many attempts" in refused.content.decode()
    assert "Too many attempts" in change_password(client).content.decode()

    body = {"current_password": PASSWORD, "password": "another-good-password-8"}
    assert bearer(inside).post("/auth/change-password", body).status_code == 429


def test_a_password_that_somebody_else_set_meanwhile_stays(client, inside, monkeypatch):
    make = passwords.make_password

    def set_meanwhile(password):
        User.objects.filter(pk=inside.pk).update(password=make("set-by-its-owner-42"))
        return make(password)

    monkeypatch.setattr(passwords, "make_password", set_meanwhile)
    assert change_password(client).status_code == 403

    inside.refresh_from_db()
    assert inside.check_password("set-by-its-owner-42")
