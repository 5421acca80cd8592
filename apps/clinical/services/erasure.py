"""Taking a person out of the clinical rows, but for what the law makes us keep."""

import uuid
from collections.abc import Collection
from typing import Any

from django.core.files.storage import Storage

from apps.accounts.services.erasure import delete_after_commit
from apps.clinical.models import Consent, EmergencyAccess, MedicalRecord, Patient
from medivoy.core import clock

EMPTY: dict[str, Any] = {
    "date_of_birth": None,
    "gender": "",
    "blood_group": "",
    "country": "",
    "city": "",
    "address": "",
    "emergency_contact_name": "",
    "emergency_contact_phone": "",
    "insurance_provider": "",
    "insurance_policy_number": "",
    "medical_history": [],
    "allergies": [],
    "current_medications": [],
}


def lock_patient(patient_id: uuid.UUID) -> Patient:
    """Lock a patient's row, as whoever opens a case for them or stores a file of theirs does first."""
    return Patient.objects.select_for_update(no_key=True, of=("self",)).get(pk=patient_id)


def empty_patient(patient: Patient) -> None:
    """Empty the profile of a locked patient, end every consent that they gave, and take away the words by which
    others opened their records in an emergency."""
    for name, value in EMPTY.items():
        setattr(patient, name, value)
    patient.save(update_fields=list(EMPTY))
    Consent.objects.in_force().filter(patient=patient).update(revoked_at=clock.now())
    EmergencyAccess.objects.filter(patient=patient, erased_at=None).update(erased_at=clock.now(), reason="")


def records_to_delete(patient: Patient, *, but_of: Collection[uuid.UUID] = ()) -> list[uuid.UUID]:
    """Return the records of a patient, less those of the bookings `but_of`, which are under a legal hold."""
    records = MedicalRecord.objects.filter(patient=patient).exclude(booking__in=but_of)
    return list(records.values_list("pk", flat=True))


def delete_records(ids: Collection[uuid.UUID]) -> int:
    """Delete records, and after the commit their files; return how many. Nothing may name them any more."""
    storage: Storage = MedicalRecord._meta.get_field("file").storage
    records = MedicalRecord.objects.filter(pk__in=ids)
    delete_after_commit(storage, list(records.values_list("file", flat=True)))
    return records.delete()[0]
