"""Lines of shaped text: levels, faces, widths and where a line may end."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, groupby

from medivoy.core.pdf.bidi import resolve_levels, visual_runs
from medivoy.core.pdf.fonts import Face, Glyph, choose_faces
from medivoy.core.pdf.plain import BIDI_CONTROLS, clean, keep_codes, reads_rtl


@dataclass(frozen=True)
class Piece:
    """Glyphs of one face, from left to right."""

    face: Face
    glyphs: list[Glyph]

    @property
    def width(self) -> float:
        """The advance in ems."""
        return sum(glyph.advance for glyph in self.glyphs) / 1000


@dataclass(frozen=True)
class Line:
    """One line, its pieces from left to right, and its width in ems."""

    pieces: list[Piece]
    width: float


def lay_out(text: str, width: float, *, language: str = "en", bold: bool = False) -> list[Line]:
    """Wrap `text` to lines of at most `width` ems. A word that is longer is broken."""
    return [
        line for paragraph in clean(text).split("\n") for line in _Paragraph(paragraph, language, bold).lines(width)
    ]


def natural_width(text: str, *, language: str = "en", bold: bool = False) -> float:
    """Return the width in ems of the widest line of `text` where nothing needs to wrap."""
    return max(line.width for line in lay_out(text, float("inf"), language=language, bold=bold))


def _may_break(text: str, i: int) -> bool:
    """Whether a line may end before `text[i]`: after spaces, and after a hyphen or slash between words."""
    if text[i - 1] in " \u200b":
        return text[i] not in " \u200b"
    if text[i - 1] not in "-–—/" or i < 2:
        return False
    return text[i - 2].isalpha() and not text[i - 2].isupper() and text[i].isalpha()


class _Paragraph:
    """One paragraph: its levels and faces are settled once, its lines are cut from them."""

    def __init__(self, text: str, language: str, bold: bool) -> None:
        self.language = language
        self.rtl = reads_rtl(text, language)
        self.text = keep_codes(text) if self.rtl else text
        self.levels = resolve_levels(self.text, self.rtl)
        # Direction marks have done their work once the levels stand.
        self.faces = [
            None if char in BIDI_CONTROLS or char == "\u200b" else face
            for char, face in zip(self.text, choose_faces(self.text, bold), strict=True)
        ]

    def lines(self, width: float) -> list[Line]:
        return [self._line(start, end) for start, end in self._spans(width)]

    def _spans(self, width: float) -> Iterator[tuple[int, int]]:
        """Yield where each line starts and ends, filling each with as many words as fit."""
        text = self.text
        reach, inside = self._measure()
        start, taken = 0, 0
        words = [i for i in range(1, len(text)) if _may_break(text, i)] + [len(text)]
        for end in words:
            bare = taken + len(text[taken:end].rstrip(" "))
            if reach[bare] - reach[start] > width and taken > start:
                yield start, taken
                start = taken
            while reach[bare] - reach[start] > width:
                cut = self._cut(reach, inside, start, bare, width)
                if cut >= bare:
                    break
                yield start, cut
                start = cut
            taken = end
        yield start, len(text)

    def _cut(self, reach: list[float], inside: set[int], start: int, end: int, width: float) -> int:
        """Return where a word that is too long is broken: between letters, never before a mark, after one at least."""
        fitting = start
        for i in range(start + 1, end + 1):
            if i in inside:
                continue
            if reach[i] - reach[start] > width and fitting > start:
                break
            fitting = i
        return fitting

    def _measure(self) -> tuple[list[float], set[int]]:
        """Return how far the text reaches before each character in ems, and the positions inside a cluster."""
        advances = [0.0] * len(self.text)
        inside = set(range(len(self.text)))
        for face, start, end, rtl in self._runs(0, len(self.text), self.levels):
            for glyph in face.shape(self.text[start:end], rtl, self.language):
                advances[start + glyph.cluster] += glyph.advance / 1000
                inside.discard(start + glyph.cluster)
        inside -= {i for i, face in enumerate(self.faces) if face is None}
        return [0.0, *accumulate(advances)], inside

    def _runs(self, start: int, end: int, levels: list[int]) -> Iterator[tuple[Face, int, int, bool]]:
        """Yield the stretches of one level and one face, in the order of the text."""
        keys = ((levels[i], self.faces[i]) for i in range(start, end))
        at = start
        for (level, face), members in groupby(keys):
            stop = at + sum(1 for _ in members)
            if face:
                yield face, at, stop, level % 2 == 1
            at = stop

    def _line(self, start: int, end: int) -> Line:
        end = start + len(self.text[start:end].rstrip(" "))
        pieces = []
        for run in visual_runs(self.text, self.levels, start, end, self.rtl):
            stretches = list(self._runs(run.start, run.end, self.levels))
            for face, first, last, _ in reversed(stretches) if run.rtl else stretches:
                pieces.append(Piece(face, face.shape(self.text[first:last], run.rtl, self.language)))
        return Line(pieces, sum(piece.width for piece in pieces))
