"""Medical records: taking in a file with what it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from django.conf import settings
from django.core.files import File
from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.clinical.models import MedicalRecord, Patient
from apps.clinical.uploads.judge import judge
from medivoy.core.context import writing
from medivoy.core.errors import GuardFailed, Missing

Attach = Callable[[MedicalRecord], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody says of a file that they send."""

    patient: Patient
    record_type: str
    title: str
    description: str = ""
    record_date: date | None = None
    is_shared_with_doctors: bool = False


def upload_record(draft: Draft, *, file: BinaryIO, actor: User, attach: Attach | None = None) -> MedicalRecord:
    """Judge the file, store it, and write its row; return the row.

    The file is judged, scanned and stored before the transaction opens, so a row never stands without its file; where
    the row is not written the file goes again, and where the process dies in between the sweep finds it (orphans.py).
    `attach` is called with the row inside the transaction, to make it a booking's document. Raises InvalidInput on
    `file`, GuardFailed `quota_exceeded`, Unavailable without an answer of the scanner, and whatever `attach` raises.
    """
    judged = judge(file)
    record = MedicalRecord(
        patient=draft.patient,
        record_type=draft.record_type,
        title=draft.title,
        description=draft.description,
        record_date=draft.record_date,
        is_shared_with_doctors=draft.is_shared_with_doctors,
        file_size=judged.size,
        file_type=judged.media_type,
        sha256=judged.sha256,
        uploaded_by_user=actor,
    )
    # The model names the file by ids; what it was called on the way in is not kept.
    record.file.save("", File(judged.content), save=False)
    try:
        with writing(actor):
            _check_quota(draft.patient, more=judged.size)
            record.save(force_insert=True)
            if attach is not None:
                attach(record)
    except BaseException:
        record.file.storage.delete(str(record.file.name))
        raise
    return record


def _check_quota(patient: Patient, *, more: int) -> None:
    """Raise GuardFailed where the patient's files would be too many or too much; uploads wait for each other here.

    Raises Missing, too, where the patient was erased meanwhile."""
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    if User.objects.filter(pk=patient.user_id, erased_at__isnull=False).exists():
        raise Missing
    records = MedicalRecord.objects.filter(patient=patient)
    held = records.aggregate(count=Count("pk"), size=Sum("file_size", default=0))
    if held["count"] >= settings.RECORDS_MAX_COUNT or held["size"] + more > settings.RECORDS_MAX_BYTES:
        raise GuardFailed(_("There is no room for more files of this patient."), code="quota_exceeded")
