"""Links to records: good for five minutes, for one person, while the sign-in lives by which they asked (T52)."""

import uuid

from apps.accounts.models import User
from apps.accounts.services.file_links import Kind, Link
from apps.clinical.models import MedicalRecord

SALT = "clinical.record-link"
RECORD = Kind(SALT, "record", "/medical-records/{id}/file")


def make_link(record: MedicalRecord, *, user: User, sid: uuid.UUID) -> Link:
    """Return an address at which `user` gets the file for RECORD_LINK_LIFETIME, as long as the sign-in `sid` lives."""
    return RECORD.make(record.pk, user=user, sid=sid)


def reader_of(token: str, *, record_id: uuid.UUID) -> User:
    """Return the person to whom the link to this record was given. Raises LinkRefused.

    That they may read the record at this moment is for the caller to ask: a consent may have ended meanwhile.
    """
    return RECORD.holder_of(token, pk=record_id)
