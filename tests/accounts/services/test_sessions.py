"""Refresh tokens under fire: renewals and resets at the same moment. By the door: tests/accounts/test_races.py."""

import threading

import pytest
from django.db import connection

from apps.accounts.errors import InvalidCredentials, TokenReused
from apps.accounts.models import RefreshToken, User
from apps.accounts.models.tokens import RefreshTokenQuerySet
from apps.accounts.models.user import UserQuerySet
from apps.accounts.services import sign_in as signing_in
from apps.accounts.services.password_reset import reset_password
from apps.accounts.services.sessions import Device, open_session, renew_session
from apps.accounts.services.sign_in import sign_in
from medivoy.core import clock
from tests import figures
from tests.factories.accounts import PASSWORD, PasswordResetFactory, UserFactory
from tests.race import contend

pytestmark = pytest.mark.django_db(transaction=True)

HERE = Device()


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
