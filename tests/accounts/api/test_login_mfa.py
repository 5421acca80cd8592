"""POST /auth/login of an account with a second factor, and POST /auth/login/mfa."""

from datetime import timedelta

import pytest
from django.test import override_settings

from apps.accounts.models import RefreshToken, User
from apps.accounts.services import half_sign_ins
from apps.accounts.services.half_sign_ins import Door, begin_half
from apps.accounts.services.second_factor_codes import replace_recovery_codes
from apps.accounts.services.sessions import end_all_sessions
from medivoy.api.limit_stores import stores
from medivoy.core import clock
from tests.accounts.second_factor import LOGIN, first_step, protected, second_step
from tests.factories.accounts import PASSWORD, PasswordResetFactory, code_of, wrong_code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("steady_clock")]

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture
def user(db):
    return protected()


@pytest.fixture
def recovery_codes(user):
    return replace_recovery_codes(user)


@pytest.fixture
def token(api, user):
    return first_step(api, user)


def test_t14_the_password_alone_gives_no_token(api, user):
    """T14."""
    data = api.post(LOGIN, {"email": user.email, "password": PASSWORD}).json()["data"]

    assert set(data) == {"mfa_required", "mfa_token"}
    assert data["mfa_required"] is True
    assert not RefreshToken.objects.filter(user=user).exists()
    user.refresh_from_db()
    assert user.last_login is None


def test_the_code_finishes_it(api, user, token, bearer):
    answer = second_step(api, token, code_of(user), HTTP_USER_AGENT="Phone/1")

    assert answer.status_code == 200
    data = answer.json()["data"]
    assert set(data) == {"user", "access_token", "refresh_token", "expires_in"}
    row = RefreshToken.objects.get(user=user)
    assert (row.second_factor, row.user_agent) == (True, "Phone/1")
    assert bearer(user, token=data["access_token"]).get("/auth/profile").status_code == 200
    user.refresh_from_db()
    assert user.last_login is not None


@pytest.mark.parametrize("typed", ["{0} {1}", " {0}-{1} "])
def test_blanks_and_dashes_do_not_matter(api, user, token, typed):
    code = code_of(user)

    assert second_step(api, token, typed.format(code[:3], code[3:])).status_code == 200


def test_digits_of_another_script_are_digits(api, user, token):
    code = code_of(user).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

    assert second_step(api, token, code).status_code == 200


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
def test_t14_a_clock_may_be_one_step_off(api, user, token, steps, status):
    assert second_step(api, token, code_of(user, steps=steps)).status_code == status


def test_t14_a_code_opens_once(api, user, token):
    """T14: seen over a shoulder, it is worth nothing."""
    code = code_of(user)
    assert second_step(api, token, code).status_code == 200

    again = second_step(api, first_step(api, user), code)

    assert (again.status_code, again.json()["code"]) == (401, "invalid_code")


def test_t14_nor_does_an_older_one_open_after_it(api, user, token):
    older = code_of(user, steps=-1)
    second_step(api, token, code_of(user))

    assert second_step(api, first_step(api, user), older).status_code == 401


def test_a_wrong_code_signs_nobody_in_and_another_may_be_tried(api, user, token):
    answer = second_step(api, token, wrong_code(user))

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_code")
    assert answer["WWW-Authenticate"]
    assert not RefreshToken.objects.filter(user=user).exists()
    assert second_step(api, token, code_of(user)).status_code == 200


def test_t14_a_recovery_code_opens_once(api, user, recovery_codes):
    first, second = recovery_codes[:2]
    assert second_step(api, first_step(api, user), first).status_code == 200

    assert second_step(api, first_step(api, user), first).status_code == 401
    assert second_step(api, first_step(api, user), second.lower().replace("-", " ")).status_code == 200
    assert user.recovery_codes.filter(is_used=False).count() == 8


def test_a_recovery_code_is_read_as_it_is_misread(api, user, token):
    codes = replace_recovery_codes(user)
    code = next((code for code in codes if set(code) & set("01")), codes[0])

    assert second_step(api, token, code.replace("0", "o").replace("1", "l")).status_code == 200


def test_another_persons_recovery_code_opens_nothing(api, user, token):
    theirs = replace_recovery_codes(protected())

    assert second_step(api, token, theirs[0]).status_code == 401


# --- the token between the steps -------------------------------------------------------------------------------------


def refused(api, token, code):
    answer = second_step(api, token, code)
    assert answer.status_code == 401
    return answer.json()["code"]


def test_t8_it_is_no_access_token(api, user, token, bearer):
    """T8: one kind, one purpose."""
    answer = bearer(user, token=token).get("/auth/profile")

    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert api.post("/auth/refresh", {"refresh_token": token}).status_code == 401


def test_t8_no_other_token_stands_in_for_it(api, user, sign_in):
    """T8."""
    signed_in = sign_in(user)

    for other in (signed_in.access_token, signed_in.refresh_token, begin_half(user, door=Door.CONSOLE), "x", "a.b.c"):
        assert refused(api, other, code_of(user)) == "token_invalid"


def test_it_works_once(api, user, token, recovery_codes):
    assert second_step(api, token, recovery_codes[0]).status_code == 200

    assert refused(api, token, recovery_codes[1]) == "token_invalid"
    assert user.recovery_codes.filter(is_used=False).count() == 9


def test_it_lives_for_five_minutes(api, user):
    with clock.at(clock.now() - half_sign_ins.LIFETIME - timedelta(minutes=1)):
        token = first_step(api, user)

    assert refused(api, token, code_of(user)) == "token_expired"


def test_it_dies_with_the_password(api, user, token):
    PasswordResetFactory(user=user, secret="mailed")
    api.post("/auth/reset-password", {"token": "mailed", "password": "another-good-password-8"})

    assert refused(api, token, code_of(user)) == "token_invalid"


def test_it_dies_when_everything_is_signed_out(api, user, token):
    end_all_sessions(user)

    assert refused(api, token, code_of(user)) == "token_invalid"


def test_it_dies_with_the_account(api, user, token):
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert refused(api, token, code_of(user)) == "token_invalid"


def test_it_is_of_one_person(api, token):
    other = protected()

    assert refused(api, token, code_of(other)) == "invalid_code"


# --- guesses ---------------------------------------------------------------------------------------------------------


def hammer(api, user, times=5, **extra):
    token = first_step(api, user, **extra)
    return [second_step(api, token, wrong_code(user), **extra).status_code for _ in range(times)]


def test_t12_wrong_codes_slow_down_and_a_new_first_step_does_not_help(api, user):
    """T12, T14."""
    assert hammer(api, user) == [401] * 5

    slowed = second_step(api, first_step(api, user), code_of(user))

    assert (slowed.status_code, slowed.json()["code"]) == (429, "rate_limited")
    assert int(slowed["Retry-After"]) >= 1


def test_t12_so_they_do_with_redis_away(api, user, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    stores.wake()

    assert hammer(api, user, 6) == [401] * 5 + [429]


def test_t14_whoever_has_a_recovery_code_gets_in_meanwhile(api, user, recovery_codes):
    """T14: guesses at six digits, however many, close no door to a code that nobody can guess."""
    hammer(api, user, 6)

    assert second_step(api, first_step(api, user), recovery_codes[0]).status_code == 200


def test_t14_a_known_network_stays_open_while_strangers_guess_from_everywhere(api, user):
    """T14: nobody is locked out by a stranger who knows the password."""
    second_step(api, first_step(api, user), code_of(user, steps=-1))
    token = first_step(api, user)
    statuses = []
    for number in range(7):
        for _ in range(4):
            stranger = {"REMOTE_ADDR": f"198.51.100.{number}"}
            statuses.append(second_step(api, token, wrong_code(user), **stranger).status_code)

    assert statuses[-1] == 429
    assert second_step(api, first_step(api, user, **ELSEWHERE), code_of(user), **ELSEWHERE).status_code == 429
    assert second_step(api, token, code_of(user)).status_code == 200


def test_success_forgets_the_wrong_codes_before_it(api, user, recovery_codes):
    for code in recovery_codes[:2]:
        token = first_step(api, user)
        assert [second_step(api, token, "0000-0000").status_code for _ in range(4)] == [401] * 4
        assert second_step(api, token, code).status_code == 200


@override_settings(RATE_LIMITS={"second_factor": "3/15m", "sign_in": "100/15m", "login": "300/15m"})
def test_a_network_has_its_own_limit(api):
    statuses = []
    for _ in range(4):
        user = protected()
        statuses.append(second_step(api, first_step(api, user), wrong_code(user)).status_code)

    assert statuses == [401] * 3 + [429]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mfa_token": "x"},
        {"code": "123456"},
        {"mfa_token": ["x"], "code": "123456"},
        {"mfa_token": "x", "code": {"$ne": ""}},
        {"mfa_token": "x" * 5000, "code": "123456"},
        {"mfa_token": "x", "code": "1" * 65},
    ],
)
def test_t56_what_is_no_pair_of_texts_is_400(api, body):
    assert api.post("/auth/login/mfa", body).status_code == 400


def test_query_count_is_constant(api, user, token, django_assert_max_num_queries):
    with django_assert_max_num_queries(16) as some:
        second_step(api, token, code_of(user))
    assert len(some) > 5
