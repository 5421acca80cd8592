"""Files without a row are swept up, and no others."""

import os
import time

import pytest

from apps.clinical.models import MedicalRecord
from apps.clinical.services.orphans import remove_orphans
from apps.clinical.tasks import cleanup
from medivoy.core.models import TaskRun
from tests.factories.clinical import MedicalRecordFactory

pytestmark = pytest.mark.django_db
DAYS_AGO = time.time() - 3 * 86_400


def lay(folder, name, *, old):
    """Leave a file without a row."""
    path = folder / "medical-records" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left behind")
    if old:
        os.utime(path, (DAYS_AGO, DAYS_AGO))
    return path


def test_old_files_without_a_row_go(private_files):
    record = MedicalRecordFactory()
    os.utime(record.file.path, (DAYS_AGO, DAYS_AGO))
    beside = lay(private_files, f"{record.patient_id}/beside", old=True)
    elsewhere = lay(private_files, "somebody/else", old=True)
    young = lay(private_files, "somebody/just-now", old=False)
    assert remove_orphans() == 2
    assert not beside.exists()
    assert not elsewhere.exists()
    assert young.exists()
    assert MedicalRecord.objects.get().file.read()


def test_an_empty_storage_has_none(private_files):
    assert remove_orphans() == 0


def test_the_task_says_what_it_did(private_files):
    lay(private_files, "somebody/else", old=True)
    cleanup()
    assert TaskRun.objects.get(pk="clinical.cleanup").result == "1 files removed"
    cleanup()
    assert TaskRun.objects.get(pk="clinical.cleanup").result == "0 files removed"
