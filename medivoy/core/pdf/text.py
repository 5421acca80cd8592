"""Plain text as a flowable: shaped, in the order of its scripts, wrapped, aligned by the language's direction."""

from dataclasses import dataclass, field, replace
from typing import Literal

from reportlab.lib.colors import Color, HexColor
from reportlab.platypus.flowables import Flowable

from medivoy.core.pdf.layout import Line, lay_out, natural_width
from medivoy.core.pdf.plain import is_rtl

Align = Literal["start", "end", "center"]

INK = HexColor(0x1B2733)
# Ascent and leading in ems. The ascent is one for all, so that neighbouring cells share a baseline.
ASCENT = 1.08
LEADING = {"NotoSans": 1.42, "NotoSansArabic": 1.66, "NotoSansDevanagari": 1.58}
LANGUAGE_LEADING = {"ar": LEADING["NotoSansArabic"], "hi": LEADING["NotoSansDevanagari"]}


@dataclass(eq=False)
class Text(Flowable):
    """Plain text of one size and weight that wraps to the room it gets and splits over pages between lines.

    `lines` is given where the text is a part of another, which has been laid out already.
    """

    text: str
    language: str
    size: float = 9
    bold: bool = False
    color: Color = INK
    align: Align = "start"
    space_before: float = 0
    space_after: float = 0
    lines: list[Line] | None = None
    _laid_out: list[Line] = field(default_factory=list, init=False, repr=False)
    _laid_out_for: float | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        super().__init__()
        self.spaceBefore = self.space_before
        self.spaceAfter = self.space_after

    def natural_width(self) -> float:
        """Return the width in points at which nothing wraps."""
        return natural_width(self.text, language=self.language, bold=self.bold) * self.size

    @property
    def leading(self) -> float:
        """The distance of two lines in points: what the tallest script in the text needs."""
        families = {piece.face.name.split("-")[0] for line in self._laid_out for piece in line.pieces}
        least = LANGUAGE_LEADING.get(self.language, LEADING["NotoSans"])
        return self.size * max([least, *(LEADING[family] for family in families)])

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        if self.lines is not None:
            self._laid_out = self.lines
        elif self._laid_out_for != width:
            # A hair more, because a column as wide as its longest word must not break that word.
            self._laid_out = lay_out(self.text, (width + 0.01) / self.size, language=self.language, bold=self.bold)
            self._laid_out_for = width
        self.width, self.height = width, len(self._laid_out) * self.leading
        return self.width, self.height

    def split(self, width: float, height: float) -> list["Text"]:
        self.wrap(width, height)
        fitting = int(height // self.leading)
        if fitting < 1 or fitting >= len(self._laid_out):
            return []
        return [
            replace(self, lines=self._laid_out[:fitting], space_after=0),
            replace(self, lines=self._laid_out[fitting:], space_before=0),
        ]

    def first_line(self, width: float) -> "Text":
        """Return what of the text stands on its first line, where only one has room."""
        self.wrap(width, 0)
        return replace(self, lines=self._laid_out[:1])

    def draw(self) -> None:
        rtl = is_rtl(self.language)
        self.canv.setFillColor(self.color)
        y = self.height - ASCENT * self.size
        for line in self._laid_out:
            room = self.width - line.width * self.size
            x = room / 2 if self.align == "center" else room if (self.align == "start") == rtl else 0
            for piece in line.pieces:
                self.canv.draw_glyphs(piece.face, piece.glyphs, self.size, x, y)
                x += piece.width * self.size
            y -= self.leading
