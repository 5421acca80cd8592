"""Doctors: signing themselves up, or invited by an admin."""

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.accounts.services.registration import SignUp, register_user
from apps.accounts.services.staff import make_invited
from apps.hospitals.models import Doctor


@transaction.atomic
def register_doctor(sign_up: SignUp) -> Doctor:
    """Make a doctor: the account and its profile, both or neither. Raises what register_user raises.

    The profile is neither verified nor listed until an admin has checked the licence (T1).
    """
    user = register_user(sign_up, user_type=Role.DOCTOR)
    return Doctor.objects.create(user=user, timezone=sign_up.timezone)


@transaction.atomic
def appoint_doctor(user: User, *, actor: User) -> Doctor:
    """Make a doctor whom an admin invites: the new account `user`, and a profile that is neither verified nor listed.

    Raises what make_invited raises.
    """
    user.user_type = Role.DOCTOR
    make_invited(user, actor=actor)
    return Doctor.objects.create(user=user, timezone=user.timezone)
