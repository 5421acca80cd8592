"""Whether this user may, on this patient; whether their role may at all is in apps/accounts/roles.py."""

from apps.accounts.models import User
from apps.clinical.models import Consent, Patient


def can_read_clinical_profile(user: User, patient: Patient) -> bool:
    """The patient reads it, and the coordinators; a hospital's administrator and a doctor while a consent lets them;
    admins never (domain.md, Clinical records)."""
    if not user.may("patient.clinical_profile"):
        return False
    if patient.user_id == user.pk or user.may("patient.create"):
        return True
    return Consent.objects.in_force().opening_to(user).filter(patient=patient).exists()
