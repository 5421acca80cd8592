"""What a password must be, and what follows from a new one."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.models import User
from apps.accounts.services.sessions import end_all_sessions
from apps.notifications.services.outbox import notify
from medivoy.core.errors import InvalidInput


def check_strength(password: str, *, user: User) -> None:
    """Raise InvalidInput on `password` where it is weak, or like what else we know of `user`."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput({"password": error.messages}) from error


@transaction.atomic
def store_password(user: User, hashed: str) -> None:
    """Give `user`, whom the caller has proven, another password, made by `make_password` before the transaction.

    Every sign-in ends, on whatever device and in the console, and the person is told (T9).
    """
    user = User.objects.locked().get(pk=user.pk)
    user.password = hashed
    user.save(update_fields=["password"])
    end_all_sessions(user)
    notify("password_changed", to={"user": [user]})
