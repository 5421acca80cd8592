"""What a password must be."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from apps.accounts.models import User
from medivoy.core.errors import InvalidInput


def check_strength(password: str, *, user: User) -> None:
    """Raise InvalidInput on `password` where it is weak, or like what else we know of `user`."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput({"password": error.messages}) from error
