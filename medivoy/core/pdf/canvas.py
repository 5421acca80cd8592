"""The page as ReportLab draws it, with shaped glyphs and a footer that knows how many pages there are."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from reportlab.pdfgen.canvas import Canvas as ReportLabCanvas

from medivoy.core.pdf.fonts import EmbeddedFont, Face, Glyph


class Canvas(ReportLabCanvas):
    """A canvas whose bytes depend only on what is drawn."""

    def __init__(self, *args: Any, draw_footer: Callable[["Canvas", int, int], None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._draw_footer = draw_footer
        self._pages: list[dict[str, Any]] = []
        self._fonts: dict[Face, EmbeddedFont] = {}

    def set_date(self, instant: datetime) -> None:
        """Write `instant` as the file's date, in place of the clock's."""
        stamp = instant.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'")
        self.setDateFormatter(lambda *_: stamp)

    def draw_glyphs(self, face: Face, glyphs: list[Glyph], size: float, x: float, y: float) -> None:
        """Draw the glyphs of a run with the pen at (x, y), in the fill colour."""
        if face not in self._fonts:
            self._fonts[face] = EmbeddedFont(face, f"Noto{len(self._fonts) + 1}")
            self._doc.delayedFonts.append(self._fonts[face])
        font = self._fonts[face]
        operators = " ".join(_show(font, glyphs, size))
        self.addLiteral(f"BT /{font.resource} {size:g} Tf 1 0 0 1 {x:.3f} {y:.3f} Tm {operators} ET")

    def showPage(self) -> None:  # noqa: N802 (ReportLab's name)
        """Keep the page back: its footer names a number that is not known yet."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write all pages, each with its footer, and the file."""
        pages = self._pages
        for number, page in enumerate(pages, start=1):
            self.__dict__.update(page)
            self._draw_footer(self, number, len(pages))
            super().showPage()
        super().save()


def _show(font: EmbeddedFont, glyphs: list[Glyph], size: float) -> Iterator[str]:
    """Yield the operators that draw `glyphs`, moving the pen where shaping wants another place than the widths."""
    rise, shift = 0.0, 0.0
    row: list[str] = []
    for _, cluster in groupby(glyphs, key=lambda glyph: glyph.cluster):
        members = list(cluster)
        # A syllable of several letters side by side says itself as a whole, or readers see gaps in the word.
        spoken = sum(glyph.advance > 0 for glyph in members) > 1
        if spoken:
            yield from _flush(row)
            text = "".join(glyph.text for glyph in members)
            yield f"/Span <</ActualText <FEFF{text.encode('utf-16-be').hex().upper()}>>> BDC"
        for glyph in members:
            if glyph.y_offset != rise:
                yield from _flush(row)
                rise = glyph.y_offset
                yield f"{rise * size / 1000:.3f} Ts"
            shift += glyph.x_offset
            if abs(shift) >= 0.01:
                row.append(f" {-shift:.2f} ")
            row.append(f"<{font.encode(glyph)}>")
            shift = glyph.advance - glyph.x_offset - glyph.width
        if spoken:
            yield from _flush(row)
            yield "EMC"
    yield from _flush(row)
    if rise:
        yield "0 Ts"


def _flush(row: list[str]) -> Iterator[str]:
    """Yield what is waiting to be shown in one operator, and forget it."""
    if row:
        yield f"[{''.join(row).replace('><', '')}] TJ"
        row.clear()
