"""What a password must be, and what follows from a new one."""

import uuid

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.errors import TokenInvalid
from apps.accounts.models import RefreshToken, User
from apps.accounts.services.sessions import end_all_sessions
from apps.notifications.services.outbox import notify
from medivoy.core.context import writing
from medivoy.core.errors import InvalidInput


def check_strength(password: str, *, user: User) -> None:
    """Raise InvalidInput on `password` where it is weak, or like what else we know of `user`."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput({"password": error.messages}) from error


def change_password(user: User, *, password: str, sign_in: uuid.UUID | None = None) -> None:
    """Give `user`, whom the caller has proven by the present password, another one; `sign_in` goes on, no other does.

    Raises InvalidInput for a weak password, and TokenInvalid where password or sign-in were taken away meanwhile. The
    hash is made before the transaction begins.
    """
    check_strength(password, user=user)
    hashed = make_password(password)
    with writing(user):
        locked = User.objects.active().locked().filter(pk=user.pk, password=user.password).first()
        lives = sign_in is None or RefreshToken.objects.live().of_sign_in(sign_in).exists()
        if locked is None or not lives:
            raise TokenInvalid
        store_password(locked, hashed, sign_in=sign_in)


@transaction.atomic
def store_password(user: User, hashed: str, *, sign_in: uuid.UUID | None = None) -> None:
    """Give `user`, whom the caller has proven, another password, made by `make_password` before the transaction.

    Every sign-in but `sign_in` ends, on whatever device and in the console, and the person is told (T9). Mailed links
    to another password or another address are void: somebody else may have asked for them.
    """
    user = User.objects.locked().get(pk=user.pk)
    user.password = hashed
    user.save(update_fields=["password"])
    end_all_sessions(user, but=sign_in)
    for links in (user.passwordresets, user.invitations, user.emailchanges):
        links.discard()
    notify("password_changed", to={"user": [user]})
