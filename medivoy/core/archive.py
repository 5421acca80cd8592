"""A ZIP that is written as its parts come, and never held in memory: JSON for programs, files as they are."""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

CHUNK = 256 * 1024

Row = Mapping[str, Any]


def as_json(value: Any) -> str:
    """Return `value` as JSON that a person can read; instants, days, amounts and ids as the API writes them."""
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


@contextmanager
def scratch_file() -> Iterator[IO[bytes]]:
    """Open a file for an archive that is being made, on the disk of the uploads: /tmp may be memory.

    It has no name, so nothing is left of it however the process ends.
    """
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(mode=settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        yield file


class Archive:
    """The ZIP being written to `target`, an open binary file. Names of entries are ours, never a person's words."""

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", compression=zipfile.ZIP_DEFLATED)

    def close(self) -> None:
        """Write the directory of the ZIP; without it the file is none."""
        self._zip.close()

    def add_object(self, name: str, row: Row) -> None:
        """Add one object as JSON."""
        self._zip.writestr(name, as_json(row))

    def add_rows(self, name: str, rows: Iterable[Row]) -> None:
        """Add a list of objects as JSON, each written as it comes."""
        with self._zip.open(name, "w", force_zip64=True) as entry:
            entry.write(b"[")
            for number, row in enumerate(rows):
                entry.write(b",\n" if number else b"\n")
                entry.write(as_json(row).encode())
            entry.write(b"\n]\n")

    def add_bytes(self, name: str, content: bytes) -> None:
        """Add a small file."""
        self._zip.writestr(name, content)

    def add_file(self, name: str, source: IO[bytes]) -> None:
        """Add a file of any size, as it is: most are compressed by their own kind."""
        info = zipfile.ZipInfo(name)
        with self._zip.open(info, "w", force_zip64=True) as entry:
            shutil.copyfileobj(source, entry, CHUNK)
