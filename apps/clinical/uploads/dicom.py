"""DICOM: kept byte by byte as it came, tags and all, because the study is in the tags (docs/uploads.md)."""

from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from apps.clinical.uploads.refusal import refuse

PREAMBLE_BYTES = 128
MARK = b"DICM"
# The standard leaves the preamble to applications; the one use that is common makes the file a TIFF as well.
TIFF_MARKS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


def is_marked(head: bytes) -> bool:
    """Whether a file that begins with `head` is DICOM."""
    return head[PREAMBLE_BYTES : PREAMBLE_BYTES + len(MARK)] == MARK


def check(source: BinaryIO) -> BinaryIO:
    """Return the file as it is. Raises InvalidInput on `file` where the preamble could make it a program or a page of
    HTML as well."""
    source.seek(0)
    preamble = source.read(PREAMBLE_BYTES)
    source.seek(0)
    if any(preamble) and not preamble.startswith(TIFF_MARKS):
        raise refuse(_("This DICOM file begins with something else. Please export it again."))
    return source
