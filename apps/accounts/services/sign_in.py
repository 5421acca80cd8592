"""Signing in with e-mail and password."""

from apps.accounts.errors import InvalidCredentials
from apps.accounts.models import User
from apps.accounts.services.sessions import Device, SignIn, open_session
from medivoy.core import clock
from medivoy.core.context import writing


def check_credentials(email: str, password: str) -> User | None:
    """Return the active user with these credentials, or None.

    Every call costs one password hash, whether there is such a user or not, so that time tells nothing (T10).
    """
    user = User.objects.by_email(email).first()
    if user is None:
        User().set_password(password)
        return None
    return user if user.check_password(password) and user.is_active else None


def sign_in(*, email: str, password: str, device: Device) -> SignIn:
    """Sign in and return both tokens. Raises InvalidCredentials, the same for every reason.

    The hash is made before the transaction begins. Under the lock the password is compared once more as stored: one
    that was replaced meanwhile, as by a reset, opens nothing.
    """
    proven = check_credentials(email, password)
    if proven is None:
        raise InvalidCredentials
    with writing(proven):
        user = User.objects.active().locked().filter(pk=proven.pk, password=proven.password).first()
        if user is None:
            raise InvalidCredentials
        user.last_login = clock.now()
        user.save(update_fields=["last_login"])
        return open_session(user, device=device)
