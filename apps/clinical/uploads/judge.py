"""What an uploaded file is, by its bytes alone, and whether we take it (T49, T50, T51; docs/uploads.md).

Neither its name nor the type that the client claims is looked at.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import filetype
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.clinical.uploads import dicom, images, pdf, scanner
from apps.clinical.uploads.refusal import refuse

HEAD_BYTES = 8192
CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Judged:
    """A file that we take: what will be stored, which is not always what was sent."""

    content: BinaryIO
    media_type: str
    size: int
    sha256: str


DICOM = "application/dicom"
# Media type → extension of a download, and what makes the bytes safe to keep.
KINDS: dict[str, tuple[str, Callable[[BinaryIO], BinaryIO]]] = {
    "application/pdf": ("pdf", pdf.check),
    "image/jpeg": ("jpg", images.clean_jpeg),
    "image/png": ("png", images.clean_png),
    "image/tiff": ("tiff", images.clean_tiff),
    DICOM: ("dcm", dicom.check),
}


def extension_of(media_type: str) -> str:
    """Return how the name of a file of this type ends."""
    return KINDS[media_type][0]


def judge(file: BinaryIO) -> Judged:
    """Return the file as it will be kept, seen by the scanner where there is one.

    Images come back re-encoded, without anything but their pixels. Raises InvalidInput on `file` for one that is
    empty, too large, of no known kind, broken, or refused; Unavailable where the scanner does not answer.
    """
    size = _measure(file)
    if not size:
        raise refuse(_("This file is empty."))
    if size > settings.MEDICAL_RECORD_MAX_BYTES:
        raise refuse(_("This file is too large."))
    media_type = media_type_of(file)
    scanner.scan(file)
    content = KINDS[media_type][1](file)
    kept, digest = _digest(content)
    return Judged(content, media_type, kept, digest)


def media_type_of(file: BinaryIO) -> str:
    """Return the media type that the bytes say. Raises InvalidInput on `file` for none of ours."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    # First, because the 128 bytes before the mark may make it a TIFF as well.
    if dicom.is_marked(head):
        return DICOM
    media_type = filetype.guess_mime(head)
    if media_type not in KINDS:
        raise refuse(_("This must be a PDF, JPEG, PNG, TIFF or DICOM file."))
    return str(media_type)


def _measure(file: BinaryIO) -> int:
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    return size


def _digest(content: BinaryIO) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    content.seek(0)
    while chunk := content.read(CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
    content.seek(0)
    return size, digest.hexdigest()
