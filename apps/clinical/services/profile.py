"""What is written on a patient's profile."""

from typing import Any

from django.db import transaction

from apps.accounts.errors import AccountErased
from apps.accounts.models import User
from apps.clinical.models import Patient
from apps.clinical.services.erasure import lock_patient


@transaction.atomic
def update_patient(patient: Patient, *, changes: dict[str, Any]) -> None:
    """Write `changes`, fields of the profile by name. Raises AccountErased: who was forgotten stays so (T68)."""
    # An erasure locks the patient first, so whoever waited for one reads the account as it left it.
    lock_patient(patient.pk)
    if User.objects.get(pk=patient.user_id).erased_at:
        raise AccountErased
    for name, value in changes.items():
        setattr(patient, name, value)
    patient.save(update_fields=list(changes))
