"""POST /auth/change-password."""

import pytest
from django.test import Client

from apps.accounts.models import EmailChange
from apps.notifications.models import Notification
from tests.factories.accounts import PASSWORD, EmailChangeFactory, PasswordResetFactory, UserFactory

pytestmark = pytest.mark.django_db

CHANGE = "/auth/change-password"
NEW = "another-good-password-8"


def change(client, current=PASSWORD, password=NEW):
    return client.post(CHANGE, {"current_password": current, "password": password})


def is_password(user, password):
    user.refresh_from_db()
    return user.check_password(password)


def test_t13_the_present_password_and_the_next(user, bearer):
    """T13."""
    response = change(bearer(user))

    assert response.status_code == 200
    assert response.json()["data"] is None
    assert is_password(user, NEW)


def test_t13_without_the_present_one_nothing_changes(user, bearer):
    """T13: a sign-in that was left open is not the account."""
    response = change(bearer(user), current="wrong-password-1")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["current_password"]
    assert is_password(user, PASSWORD)
    assert not Notification.objects.filter(user=user).exists()


def test_t12_guesses_at_it_have_to_wait(user, bearer):
    """T12: whoever found a device that was left open cannot try on and on, also not with the right one."""
    client = bearer(user)
    statuses = [change(client, current=f"wrong-password-{n}").status_code for n in range(6)]

    assert statuses == [400] * 5 + [429]
    assert change(client).status_code == 429
    assert is_password(user, PASSWORD)


def test_every_other_sign_in_ends_and_this_one_goes_on(api, user, sign_in, bearer):
    here, there = sign_in(user), sign_in(user)

    change(bearer(user, token=here.access_token))

    assert bearer(user, token=here.access_token).get("/auth/profile").status_code == 200
    assert api.post("/auth/refresh", {"refresh_token": here.refresh_token}).status_code == 200
    assert bearer(user, token=there.access_token).get("/auth/profile").status_code == 401
    assert api.post("/auth/refresh", {"refresh_token": there.refresh_token}).status_code == 401


def test_the_consoles_sessions_end(bearer):
    admin = UserFactory(admin=True)
    desk = Client()
    desk.force_login(admin)
    assert desk.get("/admin/accounts/user/").status_code == 200

    change(bearer(admin))

    assert desk.get("/admin/accounts/user/").status_code == 302


def test_t9_links_that_were_mailed_before_are_void(api, user, bearer):
    """T9: somebody else may have asked for them."""
    PasswordResetFactory(user=user, secret="mailed")
    EmailChangeFactory(user=user, secret="moving")

    change(bearer(user))

    reset = api.post("/auth/reset-password", {"token": "mailed", "password": "yet-another-password-9"})
    assert (reset.status_code, is_password(user, NEW)) == (400, True)
    assert not EmailChange.objects.usable().filter(user=user).exists()


def test_the_owner_is_told(user, bearer):
    change(bearer(user))

    mails = Notification.objects.filter(user=user, type="password_changed")
    assert set(mails.values_list("channel", flat=True)) == {"in_app", "email"}


@pytest.mark.parametrize("password", ["short-7", "password123", "1234567890123", "x" * 129, "", None, 7])
def test_a_weak_or_senseless_one_is_400_and_changes_nothing(user, bearer, password):
    response = change(bearer(user), password=password)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["password"]
    assert is_password(user, PASSWORD)


def test_needs_a_sign_in(api):
    assert change(api).status_code == 401
