"""Whether the copy of the audit trail in MongoDB says what the trail says."""

from itertools import islice

from django.db import transaction

from apps.accounts.models import AuditEntry
from apps.accounts.services.audit_copies import AUDIT_LOGS, BATCH_SECONDS, document_of, newest_copied
from apps.accounts.services.audit_erasure import ENTITY, ERASE
from apps.accounts.services.audit_verification import Fault, Finding
from medivoy.core.mongo import Document, collection

CHUNK = 1000


@transaction.atomic
def verify_copies(finding: Finding) -> None:
    """Compare every copy with its entry, and put into `finding` how many agree and the first fault, if it comes before
    the one that is known. What is not copied yet is no fault. Raises core.mongo.Away."""
    newest, agreed = newest_copied(), 0
    entries = AuditEntry.objects.sealed().filter(sequence__lte=newest).iterator(CHUNK)
    last = 0
    while chunk := list(islice(entries, CHUNK)):
        copies = _copies_between(last, _number(chunk[-1]))
        for entry in chunk:
            if fault := _fault_of(entry, copies.get(_number(entry)), newest):
                _note(fault, finding)
                return
        if forged := copies.keys() - {_number(entry) for entry in chunk}:
            words = f"MongoDB has a copy that no entry made: {min(map(str, forged))}"
            _note(Fault(_number(chunk[0]), None, words), finding)
            return
        agreed, last = agreed + len(chunk), _number(chunk[-1])
    finding.copies = agreed
    if newest > last:
        _note(Fault(last + 1, None, f"the trail ends at {last}, and MongoDB has a copy of entry {newest}"), finding)
    elif (more := _count() - newest_copied()) > 0:
        _note(Fault(None, None, f"MongoDB has documents without a number of the trail: {more}"), finding)
    waiting = AuditEntry.objects.filter(sequence__gt=newest).count()
    if waiting:
        finding.notes.append(f"{waiting} entries are not copied to MongoDB yet")


def _number(entry: AuditEntry) -> int:
    return entry.sequence or 0


def _note(fault: Fault, finding: Finding) -> None:
    """Keep the fault that comes first; one of an entry without a number comes after all others."""
    known = finding.fault and finding.fault.sequence
    if known is None or known >= (fault.sequence or 0):
        finding.fault = fault


def _copies_between(before: int, last: int) -> dict[int, Document]:
    """Return the copies with a number above `before` and up to `last`, those that nobody gave out included."""
    with collection(AUDIT_LOGS, within=BATCH_SECONDS) as logs:
        return {document["_id"]: document for document in logs.find({"sequence": {"$gt": before, "$lte": last}})}


def _count() -> int:
    with collection(AUDIT_LOGS, within=BATCH_SECONDS) as logs:
        return logs.count_documents({})


def _fault_of(entry: AuditEntry, copy: Document | None, newest: int) -> Fault | None:
    if copy is None:
        return Fault(entry.sequence, entry.pk, "its copy in MongoDB is missing")
    if copy == document_of(entry):
        return None
    # It may have been blanked since the walk began, or its blanking waits for the entry that tells of it.
    entry.refresh_from_db()
    if copy == document_of(entry) or (entry.erased_at and _waits(entry, newest)):
        return None
    wrong = sorted(name for name, value in document_of(entry).items() if copy.get(name) != value)
    return Fault(entry.sequence, entry.pk, f"its copy in MongoDB differs: {', '.join(wrong) or 'it has more'}")


def _waits(entry: AuditEntry, newest: int) -> bool:
    """Whether the entry of an erasure that names this one is not copied yet."""
    names = [f"{part}:{entry.pk}" for part in ("changes", "origin")]
    telling = AuditEntry.objects.filter(action=ERASE, entity_type=ENTITY, fields__overlap=names)
    return telling.exclude(sequence__lte=newest).exists()
