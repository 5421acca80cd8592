"""Files without a row: what an upload left whose process died before the row was written."""

from collections.abc import Iterator
from datetime import timedelta

from django.core.files.storage import Storage

from apps.clinical.models import MedicalRecord
from apps.clinical.models.medical_record import FOLDER
from medivoy.core import clock

# Younger ones may still be getting their row.
GRACE = timedelta(days=1)


def remove_orphans() -> int:
    """Delete the stored files that no row names and that are older than GRACE; return how many went."""
    storage: Storage = MedicalRecord._meta.get_field("file").storage
    removed = 0
    for patient_id in _listed(storage, FOLDER, folders=True):
        folder = f"{FOLDER}/{patient_id}"
        old = {path for name in _listed(storage, folder) if _is_old(storage, path := f"{folder}/{name}")}
        known = MedicalRecord.objects.filter(file__startswith=f"{folder}/").values_list("file", flat=True)
        for path in old.difference(known):
            storage.delete(path)
            removed += 1
    return removed


def _listed(storage: Storage, folder: str, *, folders: bool = False) -> Iterator[str]:
    try:
        directories, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from directories if folders else files


def _is_old(storage: Storage, path: str) -> bool:
    try:
        return storage.get_modified_time(path) < clock.now() - GRACE
    except FileNotFoundError:
        return False
