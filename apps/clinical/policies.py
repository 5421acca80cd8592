"""Whether this user may, on this patient; whether their role may at all is in apps/accounts/roles.py."""

from apps.accounts.models import User
from apps.clinical.models import Consent, EmergencyAccess, Patient
from apps.hospitals.models import Doctor


def can_read_clinical_profile(user: User, patient: Patient) -> bool:
    """The patient reads it, and the coordinators; a hospital's administrator and a doctor while a consent lets them,
    a doctor also in an emergency that they declared; admins never (domain.md, Clinical records)."""
    if not user.may("patient.clinical_profile"):
        return False
    if patient.user_id == user.pk or user.may("patient.create"):
        return True
    consents = Consent.objects.in_force().opening_to(user).filter(patient=patient)
    return consents.exists() or EmergencyAccess.objects.opening_to(user).filter(patient=patient).exists()


def can_open_in_emergency(user: User) -> bool:
    """Whether the user may declare an emergency: coordinators, and doctors whose licence is verified (T71)."""
    if not user.may("patient.emergency_access"):
        return False
    doctor = Doctor.objects.filter(user=user, is_verified=True, is_active=True)
    return not user.may("doctor.practise") or doctor.exists()
