"""POST /auth/verify-email and /auth/resend-verification."""

from datetime import timedelta

import pytest

from apps.accounts.models import EmailVerification, User
from apps.accounts.services.mailed_secrets import MAILS_AN_HOUR
from apps.notifications.models import Notification
from medivoy.core import clock
from tests.factories.accounts import PASSWORD, EmailVerificationFactory, UserFactory

pytestmark = pytest.mark.django_db

VERIFY, RESEND = "/auth/verify-email", "/auth/resend-verification"


@pytest.fixture
def user():
    return UserFactory(unverified=True)


@pytest.fixture
def proof(user):
    return EmailVerificationFactory(user=user, secret="mailed")


def verify(api, secret="mailed"):
    return api.post(VERIFY, {"token": secret})


def is_proven(user):
    user.refresh_from_db()
    return user.is_verified


def test_the_link_proves_the_address(api, user, proof):
    response = verify(api)

    assert response.status_code == 200
    assert response.json()["data"] == {"email": user.email, "is_verified": True}
    assert is_proven(user)


def test_a_link_works_once(api, user, proof):
    verify(api)

    again = verify(api)

    assert again.status_code == 400
    assert again.json()["code"] == "token_invalid"


def test_a_link_grows_old(api, user, proof):
    EmailVerification.objects.update(expires_at=clock.now())

    assert verify(api).status_code == 400
    assert not is_proven(user)


def test_t13_a_link_proves_the_address_that_it_was_sent_to_and_no_other(api, user, proof):
    """T13."""
    user.email = "moved@example.test"
    user.save()

    assert verify(api).status_code == 400
    assert not is_proven(user)


def test_a_closed_account_proves_nothing(api, user, proof):
    user.is_active = False
    user.save()

    assert verify(api).status_code == 400


def test_earlier_links_stay_good_until_one_is_used(api, user, proof):
    EmailVerificationFactory(user=user, secret="later")

    assert verify(api, "mailed").status_code == 200
    assert verify(api, "later").status_code == 400


@pytest.mark.parametrize("secret", ["unknown", "", None, 7, {"a": 1}, "x" * 600])
def test_an_unknown_token_is_400(api, user, proof, secret):
    assert verify(api, secret).status_code == 400


def test_guesses_are_limited(api, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"mailed_secret": "2/h"}

    assert [verify(api, f"guess{i}").status_code for i in range(3)] == [400, 400, 429]


def test_resend_mails_a_link_that_works(api, user, bearer, mailed_secret):
    response = bearer(user).post(RESEND)

    assert response.status_code == 200
    assert response.json()["data"] == {"email": user.email, "is_verified": False}
    assert verify(api, mailed_secret(user, "email_verification")).status_code == 200


def test_resend_sends_nothing_to_a_proven_address(bearer):
    response = bearer(UserFactory()).post(RESEND)

    assert response.status_code == 200
    assert response.json()["data"]["is_verified"] is True
    assert not Notification.objects.exists()


def test_resend_needs_a_sign_in(api):
    assert api.post(RESEND).status_code == 401


def test_t66_a_mailbox_is_not_flooded(user, bearer):
    """T66."""
    client = bearer(user)

    statuses = {client.post(RESEND).status_code for _ in range(MAILS_AN_HOUR + 3)}

    assert statuses == {200}
    assert Notification.objects.count() == MAILS_AN_HOUR


def test_t66_asking_on_and_on_is_429(user, bearer, settings):
    """T66."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"resend_verification": "2/h"}
    client = bearer(user)

    assert [client.post(RESEND).status_code for _ in range(3)] == [200, 200, 429]


def test_t66_an_hour_later_one_may_ask_again(user, bearer):
    client = bearer(user)
    for n in range(MAILS_AN_HOUR):
        EmailVerificationFactory(user=user, secret=f"s{n}", created_at=clock.now() - timedelta(minutes=61))

    client.post(RESEND)

    assert Notification.objects.count() == 1


def test_t66_an_address_that_leaves_and_comes_again_is_not_mailed_for_ever(api):
    """T66: what was sent to it counts, though nothing that was erased says to whom."""
    body = {
        "email": "somebody.else@example.test",
        "password": PASSWORD,
        "first_name": "Some",
        "last_name": "Body",
        "user_type": "patient",
    }
    for _round in range(MAILS_AN_HOUR + 2):
        assert api.post("/auth/register", body).status_code == 201
        user = User.objects.get(email=body["email"])
        assert api.as_(user).delete("/auth/account", {"current_password": PASSWORD}).status_code == 200

    left = EmailVerification.objects.all()
    assert left.count() == MAILS_AN_HOUR
    assert not left.usable().exists()
    assert not left.filter(email__contains="@").exists()
