"""Accounts that an admin makes: nobody signs up for these roles."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import roles
from apps.accounts.models import User
from apps.accounts.services.password_reset import request_password_reset
from apps.accounts.services.registration import save_unless_taken
from medivoy.core.errors import InvalidInput, Refused


@transaction.atomic
def appoint(user: User, *, actor: User) -> User:
    """Store the new account `user`, and mail its owner a link to set the password that nobody else ever knows.

    Only for roles.APPOINTED: patients and doctors have a profile beside the account and sign up themselves (T1).
    Raises Refused where `actor` makes no accounts, InvalidInput for another role, and AlreadyRegistered.
    """
    if not actor.may("accounts.add_user"):
        raise Refused
    if user.user_type not in roles.APPOINTED:
        raise InvalidInput({"user_type": [_("Patients and doctors sign up themselves.")]})
    user.set_unusable_password()
    save_unless_taken(user)
    request_password_reset(user.email)
    return user
