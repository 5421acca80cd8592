"""QR codes as SVG elements, to stand in a page or an answer."""

from itertools import groupby

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString

# In modules: the library draws them, the quiet zone around them is the standard's.
QUIET = 4
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" width="240" height="240" '
    'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{0}v{0}H0z"/><path fill="#000" d="{1}"/></svg>'
)


def qr_svg(text: str) -> SafeString:
    """Return `text` as a QR code: black on white, whatever the page's colours are."""
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=QUIET)]
    dark = "".join(f"M{start} {y}h{length}v1h-{length}z" for y, row in enumerate(rows) for start, length in _runs(row))
    return format_html(SVG, len(rows), dark)


def _runs(row: list[int]) -> list[tuple[int, int]]:
    """Return where the dark stretches of a row begin, and how long they are."""
    found, start = [], 0
    for is_dark, cells in groupby(row):
        length = len(list(cells))
        if is_dark:
            found.append((start, length))
        start += length
    return found
