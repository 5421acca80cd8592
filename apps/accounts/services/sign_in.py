"""Signing in with e-mail and password, and with a second factor where the account has one."""

from dataclasses import dataclass

from apps.accounts.errors import InvalidCredentials, WrongCode
from apps.accounts.models import User
from apps.accounts.services.audit import record
from apps.accounts.services.half_sign_ins import Door, HalfSignIn, begin_half, lock_half
from apps.accounts.services.second_factor_codes import take_code
from apps.accounts.services.sessions import Device, SignIn, open_session
from medivoy.core import clock
from medivoy.core.context import writing

# What the audit trail calls them.
SIGN_IN_FAILED, SECOND_FACTOR_FAILED = "sign_in_failed", "second_factor_failed"


@dataclass(frozen=True, slots=True)
class SecondStep:
    """The password was right, and nobody is signed in yet: the token to come back with, and a code."""

    mfa_token: str
    mfa_required: bool = True


def check_credentials(email: str, password: str) -> User | None:
    """Return the active user with these credentials, or None; then the audit trail knows of the attempt.

    Every call costs one password hash, whether there is such a user or not, so that time tells nothing (T10).
    """
    user = User.objects.by_email(email).first()
    if user is None:
        User().set_password(password)
    elif user.check_password(password) and user.is_active:
        return user
    record_failure(SIGN_IN_FAILED, user)
    return None


def record_failure(action: str, user: User | None) -> None:
    """Tell the audit trail that somebody failed to sign in as `user`, or as nobody we know. What they typed is not
    kept: it may be a password in the wrong field."""
    record(action, actor=None, entity="user", entity_id=user.pk if user else "")


def sign_in(*, email: str, password: str, device: Device) -> SignIn | SecondStep:
    """Sign in and return both tokens, or what leads to them by a second factor. Raises InvalidCredentials, the same
    for every reason.

    The hash is made before the transaction begins. Under the lock the password is compared once more as stored: one
    that was replaced meanwhile, as by a reset, opens nothing.
    """
    proven = check_credentials(email, password)
    if proven is None:
        raise InvalidCredentials
    with writing(proven):
        users = User.objects.active().locked().select_related("totp")
        user = users.filter(pk=proven.pk, password=proven.password).first()
        if user is None:
            raise InvalidCredentials
        if user.has_second_factor:
            return SecondStep(begin_half(user, door=Door.API))
        return _open(user, device=device)


def finish_sign_in(half: HalfSignIn, *, code: str, device: Device) -> SignIn:
    """Finish a sign-in of the API with a code and return both tokens. Raises WrongCode, and TokenInvalid where the
    token was used or undone meanwhile."""
    try:
        with writing(half.user):
            user = prove_second_step(half, code=code)
            return _open(user, device=device, half=half)
    except WrongCode:
        record_failure(SECOND_FACTOR_FAILED, half.user)
        raise


def prove_second_step(half: HalfSignIn, *, code: str) -> User:
    """Use up a code for a sign-in at either door and return its user, locked. Raises WrongCode and TokenInvalid."""
    user = lock_half(half)
    if not take_code(user, code):
        raise WrongCode
    return user


def _open(user: User, *, device: Device, half: HalfSignIn | None = None) -> SignIn:
    user.last_login = clock.now()
    user.save(update_fields=["last_login"])
    if half is None:
        return open_session(user, device=device)
    return open_session(user, device=device, second_factor=True, family=half.sid)
