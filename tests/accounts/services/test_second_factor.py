"""The second factor under fire, and what an admin does for somebody who has lost theirs."""

import threading

import pytest

from apps.accounts.errors import SecondFactorNotSetUp, TokenInvalid, WrongCode
from apps.accounts.models import AuditEntry, RecoveryCode, RefreshToken, Totp
from apps.accounts.models.user import UserQuerySet
from apps.accounts.services import half_sign_ins, second_factor_codes
from apps.accounts.services.half_sign_ins import Door, begin_half, read_half
from apps.accounts.services.second_factor import ResetReason, begin_setup, confirm_setup, reset_second_factor
from apps.accounts.services.second_factor_codes import replace_recovery_codes, take_code
from apps.accounts.services.sessions import Device, open_session
from apps.accounts.services.sign_in import SecondStep, finish_sign_in, sign_in
from apps.notifications.models import Notification
from medivoy.core.errors import InvalidInput, Refused
from tests import figures
from tests.accounts.second_factor import OTHERS, STAFF, protected
from tests.factories.accounts import PASSWORD, UserFactory, code_of
from tests.race import contend

HERE = Device()


def half_of(user):
    return read_half(begin_half(user, door=Door.API), door=Door.API)


def wins(results):
    return [result for result in results if result is True or not isinstance(result, (Exception, bool))]


# --- races -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(figures.ROUNDS))
@pytest.mark.parametrize("kind", ["authenticator", "recovery"])
def test_t14_of_many_with_one_code_one_gets_in(kind, _round):
    """T14: ten first steps, one code, at the same moment."""
    user = protected()
    code = code_of(user) if kind == "authenticator" else replace_recovery_codes(user)[0]
    halves = [half_of(user) for _ in range(figures.CONTENDERS)]

    results = contend(lambda number: finish_sign_in(halves[number], code=code, device=HERE))

    assert len(wins(results)) == 1
    assert [type(result) for result in results].count(WrongCode) == figures.CONTENDERS - 1
    assert RefreshToken.objects.filter(user=user).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["authenticator", "recovery"])
def test_t14_the_statement_that_takes_a_code_needs_no_lock(kind):
    """T14: also where the user's row is not locked."""
    user = protected()
    code = code_of(user) if kind == "authenticator" else replace_recovery_codes(user)[0]

    assert contend(lambda _: take_code(user, code)).count(True) == 1


@pytest.mark.django_db(transaction=True)
def test_looking_first_and_writing_then_several_would_get_in(monkeypatch):
    """The negative control of the tests above."""
    user = protected()
    code = code_of(user)
    together = threading.Barrier(figures.CONTENDERS, timeout=30)

    def look_then_write(totp, step):
        is_new = Totp.objects.get(pk=totp.pk).last_step < step
        together.wait()
        Totp.objects.filter(pk=totp.pk).update(last_step=step)
        return is_new

    monkeypatch.setattr(second_factor_codes, "use_step", look_then_write)

    assert contend(lambda _: take_code(user, code)).count(True) > 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(figures.ROUNDS))
def test_one_first_step_becomes_one_sign_in(_round):
    """With as many good codes as contenders."""
    user = protected()
    codes = replace_recovery_codes(user)[: figures.CONTENDERS]
    half = half_of(user)

    results = contend(lambda number: finish_sign_in(half, code=codes[number], device=HERE), len(codes))

    assert len(wins(results)) == 1
    assert [type(result) for result in results].count(TokenInvalid) == len(codes) - 1
    assert user.recovery_codes.filter(is_used=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_it_would_become_several(monkeypatch):
    """The negative control of the test above."""
    user = protected()
    codes = replace_recovery_codes(user)
    half = half_of(user)
    together = threading.Barrier(len(codes), timeout=30)

    def look_together(sid):
        found = RefreshToken.objects.of_sign_in(sid).exists()
        together.wait()
        return found

    monkeypatch.setattr(UserQuerySet, "locked", lambda self: self)
    monkeypatch.setattr(half_sign_ins, "_is_used", look_together)
    results = contend(lambda number: finish_sign_in(half, code=codes[number], device=HERE), len(codes))

    assert sum(not isinstance(result, TokenInvalid) for result in results) > 1


@pytest.mark.django_db(transaction=True)
def test_many_setups_at_once_leave_one_secret():
    user = UserFactory()
    secrets = {setup.secret for setup in contend(lambda _: begin_setup(user))}

    assert len(secrets) == figures.CONTENDERS
    assert Totp.objects.get(user=user).secret in secrets


@pytest.mark.django_db(transaction=True)
def test_of_many_confirmations_one_gets_the_recovery_codes():
    user = UserFactory()
    begin_setup(user)
    code = code_of(user)
    results = contend(lambda _: confirm_setup(user, code=code))

    assert len(wins(results)) == 1
    assert RecoveryCode.objects.filter(user=user).count() == 10


# --- codes -----------------------------------------------------------------------------------------------------------


def test_a_recovery_code_is_of_eighty_bits_or_more():
    assert len(set(second_factor_codes.ALPHABET)) ** second_factor_codes.SIGNS >= 2**128
    assert not set("OIL") & set(second_factor_codes.ALPHABET)


@pytest.mark.parametrize("typed", ["12345", "1234567", "12345a", "", "٣", "½⅓¼12345"])
def test_what_is_no_code_of_six_digits(typed):
    assert not second_factor_codes.is_time_code(typed)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "-", "000000", "½", "\U0001f600" * 6, "x" * 64])
def test_nonsense_is_wrong_and_nothing_else(typed):
    assert take_code(protected(), typed) is False
    assert take_code(UserFactory(), typed) is False


# --- signing in ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_was_begun_and_not_confirmed_asks_nobody_for_a_code():
    user = UserFactory()
    begin_setup(user)

    assert not isinstance(sign_in(email=user.email, password=PASSWORD, device=HERE), SecondStep)


# --- lost ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
class TestReset:
    def test_an_admin_takes_it_away_and_the_owner_is_told(self):
        user = protected(coordinator=True)
        replace_recovery_codes(user)
        open_session(user, device=HERE)
        admin = UserFactory(admin=True)

        reset_second_factor(user, actor=admin, reason=ResetReason.DEVICE_LOST)

        assert not Totp.objects.filter(user=user).exists()
        assert not RecoveryCode.objects.filter(user=user).exists()
        assert not RefreshToken.objects.live().filter(user=user).exists()
        assert Notification.objects.filter(user=user, type="second_factor_off").exists()
        entry = AuditEntry.objects.get(subject_id=user.pk, action="reset")
        assert (entry.actor, entry.fields) == (str(admin.pk), ["device_lost"])

    @pytest.mark.parametrize("role", [*OTHERS, *(role for role in STAFF if role != "admin"), "own"])
    def test_t15_nobody_else_does_and_no_admin_for_themselves(self, role):
        """T15."""
        user = protected(admin=True)
        actor = user if role == "own" else UserFactory(user_type=role)

        with pytest.raises(Refused):
            reset_second_factor(user, actor=actor, reason=ResetReason.DEVICE_LOST)
        assert Totp.objects.filter(user=user).exists()

    @pytest.mark.parametrize("reason", ["", "  ", "because"])
    def test_it_has_a_reason(self, reason):
        user = protected()

        with pytest.raises(InvalidInput):
            reset_second_factor(user, actor=UserFactory(admin=True), reason=reason)
        assert Totp.objects.filter(user=user).exists()

    def test_there_must_be_one(self):
        with pytest.raises(SecondFactorNotSetUp):
            reset_second_factor(UserFactory(), actor=UserFactory(admin=True), reason=ResetReason.DEVICE_LOST)
