"""What a patient takes away of the clinical rows: the profile, whom they let read, who opened it in an emergency, and
every file."""

from collections.abc import Iterator
from typing import Any

from apps.clinical.models import Consent, EmergencyAccess, MedicalRecord, Patient
from apps.clinical.uploads.judge import extension_of
from medivoy.core.archive import Archive

PROFILE = (
    "id",
    "date_of_birth",
    "gender",
    "blood_group",
    "city",
    "address",
    "emergency_contact_name",
    "emergency_contact_phone",
    "insurance_provider",
    "insurance_policy_number",
    "medical_history",
    "allergies",
    "current_medications",
)
RECORD = (
    "id",
    "booking_id",
    "record_type",
    "title",
    "description",
    "file_size",
    "file_type",
    "sha256",
    "record_date",
    "is_shared_with_doctors",
    "created_at",
)


def add_clinical(archive: Archive, patient: Patient) -> None:
    """Add all that is held of a patient's health, the files themselves in `records/`."""
    profile = {name: getattr(patient, name) for name in PROFILE}
    archive.add_object("patient.json", profile | {"country": str(patient.country)})
    archive.add_rows("consents.json", _consents(patient))
    archive.add_rows("emergency_accesses.json", _emergencies(patient))
    records = MedicalRecord.objects.filter(patient=patient).order_by("created_at")
    archive.add_rows("records.json", (_described(record) for record in records.iterator()))
    for record in records.iterator():
        _add_file(archive, record)


def _consents(patient: Patient) -> Iterator[dict[str, Any]]:
    for consent in Consent.objects.filter(patient=patient).select_related("hospital").order_by("created_at"):
        yield {
            "hospital": consent.hospital.name,
            "booking_id": consent.booking_id,
            "purpose": consent.purpose,
            "starts_at": consent.starts_at,
            "ends_at": consent.ends_at,
            "revoked_at": consent.revoked_at,
        }


def _emergencies(patient: Patient) -> Iterator[dict[str, Any]]:
    accesses = EmergencyAccess.objects.filter(patient=patient).select_related("user").order_by("created_at")
    for access in accesses:
        yield {
            "opened_by": access.user.get_full_name(),
            "role": str(access.user.get_user_type_display()),
            "reason": access.reason,
            "created_at": access.created_at,
            "ends_at": access.ends_at,
        }


def _described(record: MedicalRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in RECORD} | {"file": _name_of(record)}


def _add_file(archive: Archive, record: MedicalRecord) -> None:
    """Add the bytes; a file that the storage has lost is missed, and does not hold up the rest."""
    try:
        content = record.file.open("rb")
    except FileNotFoundError:
        return
    with content:
        archive.add_file(_name_of(record), content)


def _name_of(record: MedicalRecord) -> str:
    return f"records/{record.pk}.{extension_of(record.file_type)}"
