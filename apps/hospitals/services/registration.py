"""Doctors who sign themselves up."""

from django.db import transaction

from apps.accounts.roles import Role
from apps.accounts.services.registration import SignUp, register_user
from apps.hospitals.models import Doctor


@transaction.atomic
def register_doctor(sign_up: SignUp) -> Doctor:
    """Make a doctor: the account and its profile, both or neither. Raises what register_user raises.

    The profile is neither verified nor listed until an admin has checked the licence (T1).
    """
    user = register_user(sign_up, user_type=Role.DOCTOR)
    return Doctor.objects.create(user=user, timezone=sign_up.timezone)
