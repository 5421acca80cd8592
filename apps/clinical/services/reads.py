"""Who reads what of a patient: told to the audit trail before it is shown (domain.md, Clinical records)."""

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from apps.accounts.services.audit import Read, record_reads
from apps.clinical.models import EmergencyAccess, MedicalRecord, Patient

READ, DOWNLOAD = "read", "download"
# What an entry's fields say: that the reader had opened an emergency access, that a link was made, a file fetched.
EMERGENCY, LINK, FILE = "emergency", "link", "file"


def note_records(
    records: Iterable[MedicalRecord], *, reader: Any, action: str = READ, fields: Collection[str] = ()
) -> None:
    """Record that `reader` is shown these records, whose patients are at hand. Raises Unavailable."""
    rows = [(record.pk, record.patient) for record in records]
    _note("medical_record", rows, reader=reader, action=action, fields=fields)


def note_profile(patient: Patient, *, reader: Any) -> None:
    """Record that `reader` is shown the clinical profile. Raises Unavailable."""
    _note("patient", [(patient.pk, patient)], reader=reader)


def _note(
    entity: str,
    rows: list[tuple[uuid.UUID, Patient]],
    *,
    reader: Any,
    action: str = READ,
    fields: Collection[str] = (),
) -> None:
    """Record the reads; those in an emergency say so, and in which."""
    opened = EmergencyAccess.objects.patients_opened_to(reader, among={patient.pk for _pk, patient in rows})
    reads = (
        Read(pk, patient.user_id, [*fields, EMERGENCY, str(opened[patient.pk])] if patient.pk in opened else fields)
        for pk, patient in rows
    )
    record_reads(entity, reads, actor=reader, action=action)
