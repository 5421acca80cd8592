"""Sign-ins, passwords and addresses at the same moment, by the door: nothing outlives what ended it."""

import threading

import pytest

from apps.accounts.models import RefreshToken, User
from apps.accounts.models.tokens import RefreshTokenQuerySet, SingleUseQuerySet
from apps.accounts.models.user import UserQuerySet
from apps.accounts.services import email_change
from apps.accounts.services.access_tokens import read_access_token
from apps.accounts.services.sessions import Device, open_session
from tests import figures
from tests.client import ApiClient
from tests.factories.accounts import PASSWORD, EmailChangeFactory, PasswordResetFactory, UserFactory
from tests.race import contend

pytestmark = pytest.mark.django_db(transaction=True)

HERE = Device()
NEXT = "another-good-password-8"
ENDINGS = ["logout", "logout of all", "revocation", "another password", "reset"]


class Person:
    """Somebody with two sign-ins: what is ended is `there`, what ends it is done from `here`."""

    def __init__(self):
        self.user = UserFactory()
        self.here, self.there = (open_session(self.user, device=HERE) for _device in range(2))

    def ask(self, sign_in, method, path, body=None):
        client = ApiClient(HTTP_AUTHORIZATION=f"Bearer {sign_in.access_token}")
        return getattr(client, method)(path, body)

    def renew(self, sign_in):
        return ApiClient().post("/auth/refresh", {"refresh_token": sign_in.refresh_token})

    def end(self, ending):
        if ending == "logout":
            return self.ask(self.there, "post", "/auth/logout", {})
        if ending == "logout of all":
            return self.ask(self.here, "post", "/auth/logout", {"all": True})
        if ending == "revocation":
            return self.ask(self.here, "delete", f"/auth/sessions/{self.family}")
        if ending == "another password":
            return self.change_password()
        return ApiClient().post("/auth/reset-password", {"token": str(self.user.pk), "password": NEXT})

    def change_password(self):
        return self.ask(self.here, "post", "/auth/change-password", {"current_password": PASSWORD, "password": NEXT})

    @property
    def family(self):
        return read_access_token(self.there.access_token).sid

    def lives(self):
        """Whether anything of the sign-in that was ended opens anything."""
        return RefreshToken.objects.live().of_sign_in(self.family).exists()


@pytest.fixture(autouse=True)
def room_for_many(settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "10000/m")


def people():
    """A fresh person for each round."""
    for _round in range(figures.ROUNDS):
        person = Person()
        PasswordResetFactory(user=person.user, secret=str(person.user.pk))
        yield person


@pytest.fixture
def person():
    return next(people())


@pytest.mark.parametrize("ending", ENDINGS)
def test_t6_no_renewal_slips_by_an_ending(ending):
    """T6, T9: whichever is first, afterwards the sign-in opens nothing, and its last access token neither."""
    for person in people():
        renewed, ended = contend(ending_or_renewal(person, ending), 2)

        assert ended.status_code == 200, ended.content
        assert renewed.status_code in (200, 401)
        assert not person.lives()
        tokens = [person.there.access_token]
        if renewed.status_code == 200:
            tokens.append(renewed.json()["data"]["access_token"])
        for token in tokens:
            client = ApiClient(HTTP_AUTHORIZATION=f"Bearer {token}")
            assert client.get("/auth/profile").status_code == 401


def ending_or_renewal(person, ending):
    return lambda number: person.end(ending) if number else person.renew(person.there)


@pytest.mark.parametrize("ending", ["logout of all", "revocation", "another password", "reset"])
def test_without_the_lock_a_renewal_would_slip_by(person, ending, monkeypatch):
    """The negative control of the test above: an ending does not see the link that is being added beside it."""
    monkeypatch.setattr(UserQuerySet, "locked", lambda self: self)
    claimed, ended = threading.Event(), threading.Event()
    claim = RefreshTokenQuerySet.claim

    def claim_and_wait(self, pk):
        won = claim(self, pk)
        claimed.set()
        ended.wait(0.7)
        return won

    def end():
        claimed.wait(5)
        person.end(ending)
        ended.set()

    monkeypatch.setattr(RefreshTokenQuerySet, "claim", claim_and_wait)
    contend(lambda number: end() if number else person.renew(person.there), 2)

    assert person.lives()


def test_t5_of_many_renewals_at_once_one_wins_and_all_are_out():
    """T5: one of the holders has stolen it."""
    for person in people():
        answers = contend(lambda _, person=person: person.renew(person.there))

        codes = sorted(answer.json().get("code", "") for answer in answers)
        assert codes == ["", *["token_reused"] * (figures.CONTENDERS - 1)]
        assert not person.lives()
        assert person.renew(person.here).status_code == 200


def test_t13_of_a_thiefs_and_the_owners_new_password_one_is_refused():
    """T13: the thief has the sign-in and the old password, the owner the mailbox. Where the owner is first, the thief
    is out; where the thief is, the link is void, and the owner asks for the next one."""
    for person in people():
        changed, reset = contend(
            lambda number, person=person: person.end("reset") if number else person.change_password(), 2
        )

        statuses = changed.status_code, reset.status_code
        assert statuses in [(401, 200), (400, 200), (200, 400)], (changed.content, reset.content)
        lives = RefreshToken.objects.live().filter(user=person.user).exists()
        assert lives == (reset.status_code == 400)


def test_t13_a_sign_in_that_was_ended_meanwhile_sets_no_password():
    """T13: it may have been let through before it ended, and hash for a while."""
    for person in people():
        changed, _ended = contend(
            lambda number, person=person: person.end("logout of all") if number else person.change_password(), 2
        )

        person.user.refresh_from_db()
        assert person.user.check_password(NEXT) == (changed.status_code == 200)


def test_t13_a_link_to_a_new_address_is_used_once_by_many_at_once():
    """T13."""
    for number, person in enumerate(people()):
        EmailChangeFactory(user=person.user, email=f"moved{number}@example.test", secret=f"moving-{number}")

        answers = contend(lambda _, number=number: prove(f"moving-{number}"))

        assert sorted(answer.status_code for answer in answers) == [200, *[400] * (figures.CONTENDERS - 1)]


def prove(secret):
    return ApiClient().post("/auth/verify-email", {"token": secret})


def test_without_its_claim_a_link_would_be_used_by_several(person, monkeypatch):
    """The negative control of the test above."""
    monkeypatch.setattr(UserQuerySet, "locked", lambda self: self)
    monkeypatch.setattr(SingleUseQuerySet, "use", lambda self, pk: self.filter(pk=pk).exists())
    EmailChangeFactory(user=person.user, email="moved@example.test", secret="moving")
    together = threading.Barrier(figures.CONTENDERS)
    told = email_change.notify

    def wait_and_tell(*args, **kwargs):
        together.wait(5)
        return told(*args, **kwargs)

    monkeypatch.setattr(email_change, "notify", wait_and_tell)
    answers = contend(lambda _: prove("moving"))

    assert [answer.status_code for answer in answers].count(200) > 1


def test_t11_of_many_who_move_to_one_address_at_once_one_gets_it():
    """T11."""
    movers = [UserFactory() for _number in range(figures.CONTENDERS)]
    for mover in movers:
        EmailChangeFactory(user=mover, email="wanted@example.test", secret=f"moving-{mover.pk}")

    answers = contend(lambda number: prove(f"moving-{movers[number].pk}"))

    assert sorted(answer.status_code for answer in answers) == [200, *[400] * (figures.CONTENDERS - 1)]
    assert User.objects.filter(email="wanted@example.test").count() == 1
