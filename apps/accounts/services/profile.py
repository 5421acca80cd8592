"""What people change on their own account."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.services.registration import save_unless_taken
from medivoy.core.errors import InvalidInput

# All that somebody may write on themselves. E-mail, role, password and what they have proven are not here (T13, T20).
OWN_FIELDS = frozenset({"first_name", "last_name", "phone", "preferred_language", "timezone"})


@transaction.atomic
def update_account(user: User, *, changes: dict[str, Any], current_password: str = "") -> User:
    """Write `changes` (names of OWN_FIELDS) to the user's own row and return it.

    Another phone number needs the password once more (T13); InvalidInput on `current_password` otherwise. A number
    with an owner raises AlreadyRegistered, as registration does.
    """
    foreign = changes.keys() - OWN_FIELDS
    if foreign:
        raise ValueError(f"not one's own to write: {sorted(foreign)}")
    changes = {name: value for name, value in changes.items() if getattr(user, name) != value}
    if "phone" in changes and not user.check_password(current_password):
        raise InvalidInput({"current_password": [_("To change the phone number, give your password.")]})
    if changes:
        for name, value in changes.items():
            setattr(user, name, value)
        save_unless_taken(user, update_fields=list(changes))
        user.refresh_version()
    return user
