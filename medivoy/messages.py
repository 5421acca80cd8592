"""Compiling the message catalogues with Babel: a bare machine has no msgfmt, and no .mo file is committed.

`python -m medivoy.messages FOLDER` does it where images are built.
"""

import os
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_messages(folder: Path) -> int:
    """Compile every catalogue below `folder` whose .po is newer than its .mo; return how many were."""
    compiled = 0
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3], abort_invalid=True)
        # Renamed into place, so that a server that starts meanwhile never reads half a file.
        draft = target.with_suffix(f".{os.getpid()}.tmp")
        with draft.open("wb") as file:
            write_mo(file, catalogue)
        draft.replace(target)
        compiled += 1
    return compiled


if __name__ == "__main__":
    compile_messages(Path(sys.argv[1]))
