"""Patients: signing themselves up, or enrolled by staff."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.models.user import normalize_email
from apps.accounts.roles import Role
from apps.accounts.services.password_reset import request_password_reset
from apps.accounts.services.registration import SignUp, register_user, save_unless_taken
from apps.clinical.models import Patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A patient as staff write them down; `details` are columns of the profile."""

    email: str
    first_name: str
    last_name: str
    phone: str | None = None
    preferred_language: str = "en"
    timezone: str = "UTC"
    details: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def register_patient(sign_up: SignUp) -> Patient:
    """Make a patient: the account and its profile, both or neither. Raises what register_user raises."""
    user = register_user(sign_up, user_type=Role.PATIENT)
    return Patient.objects.create(user=user)


@transaction.atomic
def enrol_patient(enrolment: Enrolment, *, actor: User) -> Patient:
    """Make a patient who did not come by themselves, and mail them a link to set the password that nobody else knows.

    Whoever follows the link has proven the address by it. Raises AlreadyRegistered for a known e-mail or phone.
    """
    user = User(
        email=normalize_email(enrolment.email),
        user_type=Role.PATIENT,
        first_name=enrolment.first_name,
        last_name=enrolment.last_name,
        phone=enrolment.phone or None,
        preferred_language=enrolment.preferred_language,
        timezone=enrolment.timezone,
    )
    user.set_unusable_password()
    save_unless_taken(user)
    patient = Patient.objects.create(user=user, **enrolment.details)
    request_password_reset(user.email)
    return patient
