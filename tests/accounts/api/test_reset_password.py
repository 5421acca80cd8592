"""POST /auth/reset-password."""

import pytest

from apps.notifications.models import Notification
from medivoy.core import clock
from tests.factories.accounts import PASSWORD, PasswordResetFactory, UserFactory

pytestmark = pytest.mark.django_db

RESET = "/auth/reset-password"
NEW = "another-good-password-8"


@pytest.fixture
def reset(user):
    return PasswordResetFactory(user=user, secret="mailed")


def set_password(api, secret="mailed", password=NEW):
    return api.post(RESET, {"token": secret, "password": password})


def is_password(user, password):
    user.refresh_from_db()
    return user.check_password(password)


def test_sets_the_password(api, user, reset):
    response = set_password(api)

    assert response.status_code == 200
    assert is_password(user, NEW)
    assert api.post("/auth/login", {"email": user.email, "password": NEW}).status_code == 200


def test_t9_every_sign_in_ends(api, user, reset, sign_in, bearer):
    """T9."""
    devices = [sign_in(user), sign_in(user)]

    set_password(api)

    for tokens in devices:
        assert bearer(user, token=tokens.access_token).get("/auth/profile").status_code == 401
        assert api.post("/auth/refresh", {"refresh_token": tokens.refresh_token}).status_code == 401


def test_t9_a_link_works_once(api, user, reset):
    """T9."""
    set_password(api)

    again = set_password(api, password="yet-another-password-9")

    assert again.status_code == 400
    assert again.json()["code"] == "token_invalid"
    assert is_password(user, NEW)


def test_t9_a_link_grows_old(api, user, reset):
    """T9."""
    type(reset).objects.update(expires_at=clock.now())

    assert set_password(api).status_code == 400
    assert is_password(user, PASSWORD)


def test_a_weak_password_leaves_the_link_good(api, user, reset):
    weak = set_password(api, password="password123")

    assert weak.status_code == 400
    assert list(weak.json()["errors"]) == ["password"]
    assert set_password(api).status_code == 200


def test_a_password_like_the_persons_own_address_is_weak(api, user, reset):
    assert set_password(api, password=user.email).status_code == 400


def test_a_closed_account_stays_closed(api, user, reset):
    user.is_active = False
    user.save()

    assert set_password(api).status_code == 400
    assert is_password(user, PASSWORD)


def test_the_person_is_told(api, user, reset):
    set_password(api)

    assert Notification.objects.filter(user=user, type="password_changed").exists()


def test_t12_a_slowed_down_account_is_open_again(api, user, reset):
    """T12: the second way in. Nobody who can read their mail is shut out by a stranger's guesses."""
    for _ in range(6):
        slowed = api.post("/auth/login", {"email": user.email, "password": "wrong-password-1"})
    assert slowed.status_code == 429

    set_password(api)

    assert api.post("/auth/login", {"email": user.email, "password": NEW}).status_code == 200


@pytest.mark.parametrize("secret", ["unknown", "", None, 7, "x" * 600, ["mailed"]])
def test_an_unknown_token_is_400(api, user, reset, secret):
    assert set_password(api, secret=secret).status_code == 400
    assert is_password(user, PASSWORD)


def test_another_kind_of_secret_is_no_reset(api, user, reset, sign_in):
    assert set_password(api, secret=sign_in(user).refresh_token).status_code == 400
    assert set_password(api, secret=reset.token).status_code == 400


def test_guesses_are_limited(api, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"mailed_secret": "2/h"}

    assert [set_password(api, f"guess{i}").status_code for i in range(3)] == [400, 400, 429]


def test_another_users_link_is_theirs(api, user, reset):
    other = UserFactory()

    set_password(api)

    assert is_password(other, PASSWORD)
