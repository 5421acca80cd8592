"""Who read what of a patient, and why: what the patient is shown of the audit trail (domain.md, Clinical records)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from apps.accounts.models import AuditEntry, User
from apps.clinical.models import EmergencyAccess, Patient
from apps.clinical.services.reads import DOWNLOAD, EMERGENCY, READ

# What a patient's data is called in the trail. A look into the trail itself is an entry, too, and not for this log.
THEIRS = ("medical_record", "patient", "booking")
# An emergency, as the trigger tells of it.
EMERGENCY_ACCESS, DECLARED = "emergency_access", "create"


@dataclass(frozen=True, slots=True)
class Access:
    """One reading, or an emergency that was declared: by whom (None for the platform itself), of what, when; the
    reason of an emergency."""

    entry: AuditEntry
    reader: User | None
    emergency_reason: str | None

    @property
    def happened_at(self) -> datetime:
        return self.entry.happened_at

    @property
    def is_emergency(self) -> bool:
        return EMERGENCY in self.entry.fields or self.entry.entity_type == EMERGENCY_ACCESS


def reads_of(patient: Patient) -> "QuerySet[AuditEntry]":
    """Return what others read of the patient, and each emergency that was declared, read in it or not; what patients
    read of their own is not for this log."""
    reads = Q(subject_id=patient.user_id, action__in=(READ, DOWNLOAD), entity_type__in=THEIRS)
    declared = [str(pk) for pk in EmergencyAccess.objects.filter(patient=patient).values_list("pk", flat=True)]
    emergencies = Q(entity_type=EMERGENCY_ACCESS, entity_id__in=declared, action=DECLARED)
    return AuditEntry.objects.filter(reads | emergencies).exclude(actor=str(patient.user_id))


def with_readers(entries: Iterable[AuditEntry], *, patient: Patient) -> list[Access]:
    """Return the entries with their readers and reasons, in two queries however many there are."""
    entries = list(entries)
    readers = User.objects.in_bulk([pk for entry in entries if (pk := _id_of(entry.actor))])
    wanted = [pk for entry in entries for word in _words_of(entry) if (pk := _id_of(word))]
    reasons = dict(EmergencyAccess.objects.filter(patient=patient, pk__in=wanted).values_list("pk", "reason"))
    return [Access(entry, readers.get(_id_of(entry.actor)), _reason_of(entry, reasons)) for entry in entries]


def _reason_of(entry: AuditEntry, reasons: dict[uuid.UUID, str]) -> str | None:
    found = (reasons.get(pk) for word in _words_of(entry) if (pk := _id_of(word)))
    return next((reason for reason in found if reason), None)


def _words_of(entry: AuditEntry) -> list[str]:
    """Return where the id of an emergency stands: beside what was read in it, or it is what the entry is of."""
    return [entry.entity_id, *entry.fields] if entry.entity_type == EMERGENCY_ACCESS else entry.fields


def _id_of(word: str) -> uuid.UUID | None:
    """Return the id that a word of the trail is, None for a plain one such as "system"."""
    try:
        return uuid.UUID(word)
    except ValueError:
        return None
