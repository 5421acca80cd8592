"""Refresh tokens under fire: renewals, revocations and resets at the same moment."""

import threading

import pytest
from django.db import connection

from apps.accounts.errors import InvalidCredentials, TokenReused
from apps.accounts.models import RefreshToken, User
from apps.accounts.models.tokens import RefreshTokenQuerySet
from apps.accounts.models.user import UserQuerySet
from apps.accounts.services import sign_in as signing_in
from apps.accounts.services.password_reset import reset_password
from apps.accounts.services.sessions import Device, end_all_sessions, end_session, open_session, renew_session
from apps.accounts.services.sign_in import sign_in
from medivoy.core import clock
from tests import figures
from tests.factories.accounts import PASSWORD, PasswordResetFactory, UserFactory
from tests.race import contend

pytestmark = pytest.mark.django_db(transaction=True)

HERE = Device()


def all_at_once(*calls):
    """Run the calls at the same moment; return what each returned, or the exception that it raised."""
    return contend(lambda number: calls[number](), len(calls))


def winners(results):
    return [result for result in results if not isinstance(result, Exception)]


def contend_for(secret):
    return contend(lambda _: renew_session(secret, device=HERE))


@pytest.mark.parametrize("_round", range(figures.ROUNDS))
def test_t5_of_many_renewals_at_once_one_wins(_round):
    """T5: the rest are told of the reuse, and the sign-in is over for all."""
    results = contend_for(open_session(UserFactory(), device=HERE).refresh_token)

    assert len(winners(results)) == 1
    assert [type(result) for result in results].count(TokenReused) == figures.CONTENDERS - 1
    assert not RefreshToken.objects.live().exists()


def test_without_lock_and_claim_several_would_win(monkeypatch):
    """The negative control of the test above: looking first and writing then lets several through."""
    together = threading.Barrier(figures.CONTENDERS)

    def look_then_write(self, pk):
        found = self.live().filter(pk=pk).exists()
        together.wait()
        return found

    monkeypatch.setattr(UserQuerySet, "locked", lambda self: self)
    monkeypatch.setattr(RefreshTokenQuerySet, "claim", look_then_write)
    secret = open_session(UserFactory(), device=HERE).refresh_token
    RefreshToken.objects.update(family=RefreshToken.objects.get().family)

    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_live_refresh_token_a_sign_in")
    try:
        assert len(winners(contend_for(secret))) > 1
    finally:
        RefreshToken.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX one_live_refresh_token_a_sign_in ON refresh_tokens (family)"
                " WHERE NOT is_revoked AND rotated_at IS NULL"
            )


@pytest.mark.parametrize("_round", range(figures.ROUNDS))
@pytest.mark.parametrize("ending", ["this", "all"])
def test_t6_no_renewal_slips_by_a_logout(_round, ending):
    """T6: whichever is first, afterwards nothing of the sign-in lives."""
    user = UserFactory()
    secret = open_session(user, device=HERE).refresh_token
    family = RefreshToken.objects.get(user=user).family
    end = (lambda: end_session(user, family=family)) if ending == "this" else (lambda: end_all_sessions(user))

    all_at_once(lambda: renew_session(secret, device=HERE), end)

    assert not RefreshToken.objects.live().exists()


def test_without_the_lock_a_renewal_would_slip_by(monkeypatch):
    """The negative control of the test above: a revocation does not see the link that is being added beside it."""
    monkeypatch.setattr(UserQuerySet, "locked", lambda self: self)
    user = UserFactory()
    secret = open_session(user, device=HERE).refresh_token
    claimed, revoked = threading.Event(), threading.Event()
    claim = RefreshTokenQuerySet.claim

    def claim_and_wait(self, pk):
        won = claim(self, pk)
        claimed.set()
        revoked.wait(0.5)
        return won

    monkeypatch.setattr(RefreshTokenQuerySet, "claim", claim_and_wait)

    def end():
        claimed.wait()
        end_all_sessions(user)
        revoked.set()

    all_at_once(lambda: renew_session(secret, device=HERE), end)

    assert RefreshToken.objects.live().exists()


@pytest.mark.parametrize("_round", range(figures.ROUNDS))
def test_t9_no_renewal_slips_by_a_reset(_round):
    """T9."""
    user = UserFactory()
    secret = open_session(user, device=HERE).refresh_token
    PasswordResetFactory(user=user, secret="mailed")

    all_at_once(
        lambda: renew_session(secret, device=HERE),
        lambda: reset_password("mailed", password="another-good-password-8"),
    )

    assert not RefreshToken.objects.live().exists()


@pytest.mark.parametrize("_round", range(figures.ROUNDS))
def test_t9_a_reset_is_used_once_by_many_at_once(_round):
    """T9."""
    PasswordResetFactory(user=UserFactory(), secret="mailed")
    passwords = [f"another-good-password-{n}" for n in range(figures.CONTENDERS)]

    results = contend(lambda number: reset_password("mailed", password=passwords[number]))

    assert len(winners(results)) == 1
    assert User.objects.get().check_password(passwords[results.index(winners(results)[0])])


def test_t9_who_proved_the_old_password_while_it_was_replaced_is_not_let_in(monkeypatch):
    """T9: between the proof and the sign-in the reset is committed."""
    user = UserFactory()
    PasswordResetFactory(user=user, secret="mailed")
    check = signing_in.check_credentials

    def check_then_lose(email, password):
        proven = check(email, password)
        reset_password("mailed", password="another-good-password-8")
        return proven

    monkeypatch.setattr(signing_in, "check_credentials", check_then_lose)

    with pytest.raises(InvalidCredentials):
        sign_in(email=user.email, password=PASSWORD, device=HERE)
    assert not RefreshToken.objects.exists()


def test_the_database_keeps_one_live_link_a_sign_in():
    """The unique index holds even where the code does not."""
    user = UserFactory()
    open_session(user, device=HERE)
    link = RefreshToken.objects.get()
    link.pk, link.token, link.created_at = None, "another", clock.now()

    with pytest.raises(Exception, match="one_live_refresh_token_a_sign_in"):
        RefreshToken.objects.bulk_create(
            [RefreshToken(user=user, token="b", family=link.family, expires_at=clock.now())]
        )
