"""What somebody who is signed in gives once more before what is theirs is changed: the password, a code.

Each guess is counted before it is judged, by account and by network (T12, T14).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from apps.accounts.models import User
from apps.accounts.services.second_factor_codes import is_time_code
from medivoy.api import attempts
from medivoy.api.limiter import network_of, spend
from medivoy.core.errors import InvalidInput

PASSWORD, SECOND_FACTOR, RECOVERY_CODE = "password", "second_factor", "recovery_code"
PHONE_CHANGE, REGISTER = "phone_change", "register"

Guess = tuple[str, str, str]


def prove_password(request: HttpRequest | Request, password: str) -> None:
    """Raise InvalidInput on `current_password` where it is not the asker's, and Throttled after too many guesses."""
    guess = (PASSWORD, str(request.user.pk), network_of(request))
    attempts.begin(*guess)
    if not request.user.check_password(password):
        raise InvalidInput({"current_password": [_("This is not your password.")]})
    attempts.succeeded(*guess)


@contextmanager
def guarded_phone(user: User, phone: str | None, *, password: str, network: str) -> Iterator[None]:
    """Guard the block that gives `user` the number `phone`, if that is another, and judges `password` for it (T13).

    A guess at the password is counted until it was right; the wish itself by its own rate, and with registrations by
    network, since like those it tells whether a number has an owner (T10). Raises Throttled.
    """
    if phone == user.phone:
        yield
        return
    spend(PHONE_CHANGE, str(user.pk))
    spend(REGISTER, network)
    guess = (PASSWORD, str(user.pk), network)
    if password:
        attempts.begin(*guess)
    yield
    attempts.succeeded(*guess)


def guess_of(code: str, *, user: User, request: HttpRequest | Request) -> Guess:
    """Return what a guess at a code of `user` is counted as.

    Six digits are counted for the account, from wherever they come. A recovery code cannot be guessed, so it is
    counted from this network alone: whoever guesses digits from everywhere closes no door to who has one.
    """
    network = network_of(request)
    if is_time_code(code):
        return (SECOND_FACTOR, str(user.pk), network)
    return (RECOVERY_CODE, f"{user.pk} {network}", network)
