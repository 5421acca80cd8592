"""Patients who sign themselves up."""

from django.db import transaction

from apps.accounts.roles import Role
from apps.accounts.services.registration import SignUp, register_user
from apps.clinical.models import Patient


@transaction.atomic
def register_patient(sign_up: SignUp) -> Patient:
    """Make a patient: the account and its profile, both or neither. Raises what register_user raises."""
    user = register_user(sign_up, user_type=Role.PATIENT)
    return Patient.objects.create(user=user)
