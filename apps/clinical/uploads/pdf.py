"""PDFs: kept byte by byte as they came, but none that is locked or that acts.

We never render a PDF that people send; it leaves as a download, in a sandbox. What is looked for here spares the
doctors who open it: a password that nobody has, scripts, programs, files within files. Names are read outside the
streams of pages, where any bytes may stand, and inside object streams, where names hide in compressed form.
"""

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from apps.clinical.uploads.refusal import refuse

HEADER = re.compile(rb"%PDF-[12]\.\d")
STREAM, END = re.compile(rb">>\s{0,40}stream"), b"endstream"
OBJECT_STREAM = re.compile(rb"/Type\s{0,20}/ObjStm\b")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
# How far before `stream` its dictionary is looked for, and how much all object streams may unpack to.
DICTIONARY_BYTES = 1024
MOST_UNPACKED = 32 * 1024 * 1024
# A book of ten thousand pages has about half as many.
MOST_STREAMS = 100_000

LOCKED = re.compile(rb"/Encrypt\b")
ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|ImportData|SubmitForm)\b")


def check(source: BinaryIO) -> BinaryIO:
    """Return the file as it is. Raises InvalidInput on `file` for one that is no PDF, locked, or active."""
    source.seek(0)
    data = source.read()
    if not HEADER.match(data):
        raise refuse(_("This PDF cannot be read."))
    for text in _structure(data):
        if LOCKED.search(text):
            raise refuse(_("This PDF is protected by a password. Please save it without one."))
        if ACTIVE.search(text):
            raise refuse(_("This PDF has scripts or attached files. Please print it to a new PDF."))
    source.seek(0)
    return source


def _structure(data: bytes) -> Iterator[bytes]:
    """Yield all that is not in streams, then what object streams hold, with escaped names (#4A) in clear."""
    between, packed = bytearray(), []
    position = 0
    for start, end in _streams(data):
        head = data[position:start]
        between += head
        if OBJECT_STREAM.search(_plain_names(head[-DICTIONARY_BYTES:])):
            packed.append((start, end))
        position = end
    between += data[position:]
    yield _plain_names(bytes(between))
    left = MOST_UNPACKED
    for start, end in packed:
        text = _unpack(data[start:end].lstrip(b"\r\n"), left)
        left -= len(text)
        if left <= 0:
            raise refuse(_("This PDF is too large once it is unpacked."))
        yield _plain_names(text)


def _streams(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the bytes of each stream begin and end; the word alone, without a dictionary before it, is none."""
    position = count = 0
    while found := STREAM.search(data, position):
        end = data.find(END, found.end())
        if end == -1:
            return
        yield found.end(), end
        position = end + len(END)
        count += 1
        if count > MOST_STREAMS:
            raise refuse(_("This PDF has too many parts."))


def _plain_names(text: bytes) -> bytes:
    return ESCAPED.sub(lambda escape: bytes([int(escape[1], 16)]), text)


def _unpack(data: bytes, most: int) -> bytes:
    """Return what an object stream holds; nothing where it is packed in a way that no writer of object streams uses."""
    try:
        return zlib.decompressobj().decompress(data, most)
    except zlib.error:
        return data
