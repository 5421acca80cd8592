"""POST /auth/change-email, and POST /auth/verify-email with its link."""

import time
from datetime import timedelta

import pytest

from apps.accounts.api import pace
from apps.accounts.models import EmailChange, User
from apps.accounts.services.mailed_secrets import MAILS_AN_HOUR
from apps.notifications.models import Channel, Notification
from medivoy.core import clock
from tests.factories.accounts import (
    PASSWORD,
    EmailChangeFactory,
    EmailVerificationFactory,
    PasswordResetFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

CHANGE, VERIFY = "/auth/change-email", "/auth/verify-email"
NEW = "moved@example.test"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(pace.steady_pace.__wrapped__, "__defaults__", (0.0,))


@pytest.fixture
def old(user):
    return user.email


@pytest.fixture
def moving(user):
    return EmailChangeFactory(user=user, email=NEW, secret="moving")


def ask(client, email=NEW, password=PASSWORD):
    return client.post(CHANGE, {"email": email, "current_password": password})


def verify(api, secret="moving"):
    return api.post(VERIFY, {"token": secret})


def mails(user, kind):
    """The addresses that mails of a kind went to, oldest first."""
    found = Notification.objects.filter(user=user, type=kind, channel=Channel.EMAIL).order_by("created_at")
    return list(found.values_list("address", flat=True))


def address_of(user):
    user.refresh_from_db()
    return user.email


class TestAsking:
    def test_t13_mails_a_link_to_the_new_address_and_changes_nothing_yet(self, user, old, bearer):
        """T13."""
        response = ask(bearer(user), f" {NEW.upper()} ")

        assert response.status_code == 200
        assert response.json()["data"] is None
        assert mails(user, "email_change") == [NEW]
        assert (address_of(user), user.is_verified) == (old, True)

    def test_t13_tells_the_old_address_at_once_and_not_where_to(self, user, old, bearer):
        """T13."""
        ask(bearer(user))

        assert mails(user, "email_change_requested") == [old]
        told = Notification.objects.filter(user=user, type="email_change_requested")
        assert not any(NEW in f"{row.title} {row.message} {row.link} {row.secret_link}" for row in told)

    def test_t13_needs_the_password(self, user, bearer):
        """T13."""
        response = ask(bearer(user), password="wrong-password-1")

        assert response.status_code == 400
        assert list(response.json()["errors"]) == ["current_password"]
        assert not Notification.objects.filter(user=user).exists()

    def test_t12_guesses_at_the_password_have_to_wait(self, user, bearer):
        """T12: by both doors together."""
        client = bearer(user)
        for _ in range(5):
            ask(client, password="wrong-password-1")

        both = {"current_password": PASSWORD, "password": "another-good-password-8"}
        assert ask(client).status_code == 429
        assert client.post("/auth/change-password", both).status_code == 429

    def test_ones_own_address_is_refused(self, user, bearer):
        response = ask(bearer(user), user.email.upper())

        assert response.status_code == 400
        assert list(response.json()["errors"]) == ["email"]

    @pytest.mark.parametrize("email", ["", "x", None, 7, ["a@b.test"], "a@b", "ä" * 300 + "@b.test"])
    def test_what_is_no_address_is_400(self, user, bearer, email):
        assert ask(bearer(user), email).status_code == 400

    def test_needs_a_sign_in(self, api):
        assert ask(api).status_code == 401


class TestNobodyLearnsWhoHasAnAddress:
    """T10."""

    def test_t10_the_answer_is_the_same(self, user, bearer):
        client = bearer(user)
        taken = UserFactory(), UserFactory(deactivated=True), UserFactory(unverified=True)
        answers = [ask(client, email) for email in (NEW, *(other.email for other in taken))]

        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1

    def test_the_owner_of_the_address_gets_no_mail_and_the_asker_the_same_ones(self, user, old, bearer):
        other = UserFactory()

        ask(bearer(user), other.email)

        assert not Notification.objects.filter(address=other.email).exists()
        assert not Notification.objects.filter(user=other).exists()
        assert mails(user, "email_change_requested") == [old]

    def test_a_cap_is_reached_after_as_many(self, user, bearer):
        client, other = bearer(user), UserFactory()
        for _ in range(MAILS_AN_HOUR + 2):
            ask(client, other.email)

        assert len(mails(user, "email_change_requested")) == MAILS_AN_HOUR

    def test_it_takes_the_same_time(self, user, bearer, monkeypatch):
        monkeypatch.setattr(pace.steady_pace.__wrapped__, "__defaults__", (0.3,))
        client, other = bearer(user), UserFactory()

        def seconds(email):
            started = time.perf_counter()
            ask(client, email)
            return time.perf_counter() - started

        free, taken = (min(seconds(email) for _ in range(2)) for email in (NEW, other.email))
        assert abs(free - taken) < 0.05
        assert min(free, taken) >= 0.3


class TestFlooding:
    """T66."""

    def test_t66_a_user_has_so_many_mails_sent(self, user, bearer):
        """T66: whatever the addresses; the last link that was sent stays good."""
        client = bearer(user)
        statuses = {ask(client, f"moved{n}@example.test").status_code for n in range(MAILS_AN_HOUR + 3)}

        assert statuses == {200}
        assert mails(user, "email_change") == [f"moved{n}@example.test" for n in range(MAILS_AN_HOUR)]
        assert EmailChange.objects.usable().get(user=user).email == f"moved{MAILS_AN_HOUR - 1}@example.test"

    def test_t66_an_address_gets_so_many_mails_through_whomever(self, bearer):
        """T66: nobody's mailbox is filled through many accounts."""
        for _ in range(MAILS_AN_HOUR + 3):
            ask(bearer(UserFactory()))

        assert Notification.objects.filter(address=NEW).count() == MAILS_AN_HOUR

    def test_an_hour_later_one_may_ask_again(self, user, bearer):
        for n in range(MAILS_AN_HOUR):
            before = clock.now() - timedelta(minutes=61)
            EmailChangeFactory(user=user, email=NEW, secret=f"s{n}", created_at=before, is_used=True)

        ask(bearer(user))

        assert mails(user, "email_change") == [NEW]

    def test_asking_on_and_on_is_429(self, user, bearer, settings):
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"email_change": "2/h"}
        client = bearer(user)

        assert [ask(client).status_code for _ in range(3)] == [200, 200, 429]


class TestMoving:
    def test_t13_the_link_moves_the_account_and_proves_the_address(self, api, user, moving):
        """T13."""
        user.is_verified = False
        user.save()

        response = verify(api)

        assert response.status_code == 200
        assert response.json()["data"] == {"email": NEW, "is_verified": True}
        assert (address_of(user), user.is_verified) == (NEW, True)
        assert api.post("/auth/login", {"email": NEW, "password": PASSWORD}).status_code == 200

    def test_the_mailed_link_is_that_link(self, api, user, bearer, mailed_secret):
        ask(bearer(user))

        assert verify(api, mailed_secret(user, "email_change")).status_code == 200
        assert address_of(user) == NEW

    def test_t13_the_old_address_is_told_that_it_is_done(self, api, user, old, moving):
        """T13."""
        verify(api)

        assert mails(user, "email_changed") == [old]

    def test_it_works_once(self, api, user, moving):
        verify(api)
        user.refresh_from_db()
        user.email = "elsewhere@example.test"
        user.save()

        assert verify(api).json()["code"] == "token_invalid"
        assert address_of(user) == "elsewhere@example.test"

    def test_it_grows_old(self, api, user, old, moving):
        EmailChange.objects.filter(pk=moving.pk).update(expires_at=clock.now())

        assert verify(api).status_code == 400
        assert address_of(user) == old

    def test_the_next_one_replaces_it(self, api, user, old, moving, bearer):
        ask(bearer(user), "other@example.test")

        assert verify(api).status_code == 400
        assert address_of(user) == old

    def test_an_address_that_somebody_took_meanwhile_is_theirs(self, api, user, old, moving):
        UserFactory(email=NEW)

        response = verify(api)

        assert (response.status_code, response.json()["code"]) == (400, "token_invalid")
        assert address_of(user) == old
        assert mails(user, "email_changed") == []

    def test_a_closed_account_stays_where_it_is(self, api, user, old, moving):
        User.objects.filter(pk=user.pk).update(is_active=False)

        assert verify(api).status_code == 400
        assert address_of(user) == old

    def test_t9_links_to_the_old_address_die(self, api, user, moving):
        """T9: whoever reads the old mailbox has no way in any more."""
        PasswordResetFactory(user=user, secret="reset")
        EmailVerificationFactory(user=user, secret="proof")

        verify(api)

        body = {"token": "reset", "password": "another-good-password-8"}
        assert api.post("/auth/reset-password", body).status_code == 400
        assert verify(api, "proof").status_code == 400

    @pytest.mark.parametrize("way", ["reset", "change"])
    def test_t13_another_password_stops_it(self, api, user, old, moving, bearer, way):
        """T13: what the notice to the old address promises."""
        body = {"password": "another-good-password-8"}
        if way == "reset":
            PasswordResetFactory(user=user, secret="mailed")
            answer = api.post("/auth/reset-password", body | {"token": "mailed"})
        else:
            answer = bearer(user).post("/auth/change-password", body | {"current_password": PASSWORD})
        assert answer.status_code == 200

        assert verify(api).status_code == 400
        assert address_of(user) == old

    def test_t9_only_a_digest_is_kept(self, user, bearer, mailed_secret):
        """T9."""
        ask(bearer(user))

        secret = mailed_secret(user, "email_change")
        assert len(secret) >= 43
        assert secret not in str(EmailChange.objects.filter(user=user).values())

    @pytest.mark.parametrize("kind", ["PasswordReset", "digest"])
    def test_another_kind_of_secret_moves_nobody(self, api, user, old, moving, kind):
        PasswordResetFactory(user=user, secret="reset")

        assert verify(api, "reset" if kind == "PasswordReset" else moving.token).status_code == 400
        assert address_of(user) == old
