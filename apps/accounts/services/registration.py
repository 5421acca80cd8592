"""Making accounts. The profile row of a patient or doctor is made upstairs, in the same transaction."""

from dataclasses import dataclass
from typing import Any

import psycopg.errors
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts import roles
from apps.accounts.errors import AlreadyRegistered
from apps.accounts.models import User
from apps.accounts.models.user import normalize_email
from apps.accounts.services.email_verification import send_verification
from apps.accounts.services.passwords import check_strength
from medivoy.core.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """What somebody gives who signs up, whichever role they sign up for."""

    email: str
    password: str
    first_name: str
    last_name: str
    phone: Any = None
    preferred_language: str = "en"
    timezone: str = "UTC"


@transaction.atomic
def register_user(sign_up: SignUp, *, user_type: str) -> User:
    """Make the account of somebody who signs up, and mail them the proof of their address.

    Only patients and doctors sign themselves up (T1). Raises InvalidInput for another role or a weak password, and
    AlreadyRegistered for a known e-mail or phone, also where both come at the same moment (T11).
    """
    if user_type not in roles.SELF_REGISTERED:
        raise InvalidInput({"user_type": [_("Nobody signs up as this.")]})
    user = User(
        email=normalize_email(sign_up.email),
        user_type=user_type,
        first_name=sign_up.first_name,
        last_name=sign_up.last_name,
        phone=sign_up.phone or None,
        preferred_language=sign_up.preferred_language,
        timezone=sign_up.timezone,
    )
    check_strength(sign_up.password, user=user)
    if is_taken(email=user.email, phone=user.phone):
        raise AlreadyRegistered
    user.set_password(sign_up.password)
    save_unless_taken(user)
    send_verification(user)
    return user


def is_taken(*, email: str, phone: Any) -> bool:
    """Whether somebody has this address or this number."""
    same = Q(email=email) | Q(phone=phone) if phone else Q(email=email)
    return bool(User.objects.filter(same).exists())


def save_unless_taken(user: User, *, update_fields: list[str] | None = None) -> None:
    """Save `user`; raise AlreadyRegistered where the unique indexes say that address or number has an owner."""
    try:
        with transaction.atomic():
            user.save(update_fields=update_fields)
    except IntegrityError as error:
        if isinstance(error.__cause__, psycopg.errors.UniqueViolation):
            raise AlreadyRegistered from error
        raise
