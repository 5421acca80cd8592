"""Rows of cells over any number of pages: columns run in the language's direction, the header comes again."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from reportlab.lib.colors import Color
from reportlab.platypus.flowables import Flowable

from medivoy.core.pdf.plain import is_rtl
from medivoy.core.pdf.text import Text

# A row higher than this many points may break inside; a lower one moves to the next page whole.
ROW_STAYS_WHOLE = 220
# How much of a broken row must fit on the page that it begins on.
ROW_BEGINS_WITH = 60

Cell = list[Text]


@dataclass(frozen=True)
class Row:
    """One row: its cells in reading order (each a stack of texts) and how it is set off."""

    cells: list[Cell]
    fill: Color | None = None
    rule: Color | None = None
    rule_width: float = 0.5
    top: float = 4
    bottom: float = 4


@dataclass(eq=False)
class Grid(Flowable):
    """A table. `widths` are points in reading order; they add up to the grid's own width.

    `gutter` is the room on both sides of a cell, `gap` some more at the end of each, for grids without ground.
    A grid narrower than its page stands at the page's end (`at_end`) or at its start.
    """

    rows: list[Row]
    widths: list[float]
    language: str
    header: Row | None = None
    gutter: float = 6
    gap: float = 0
    at_end: bool = False
    space_before: float = 0
    space_after: float = 0
    _heights: list[float] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        super().__init__()
        self.spaceBefore = self.space_before
        self.spaceAfter = self.space_after

    def _text_width(self, width: float) -> float:
        return width - 2 * self.gutter - self.gap

    @property
    def _all_rows(self) -> list[Row]:
        return [self.header, *self.rows] if self.header else self.rows

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        self._heights = [self._row_height(row) for row in self._all_rows]
        self.width, self.height = width, sum(self._heights)
        return self.width, self.height

    def split(self, width: float, height: float) -> list["Grid"]:
        self.wrap(width, height)
        room = height - (self._heights[0] if self.header else 0)
        heights = self._heights[1:] if self.header else self._heights
        fitting = 0
        while fitting < len(heights) and heights[fitting] <= room:
            room -= heights[fitting]
            fitting += 1
        if fitting == len(heights):
            return []
        kept, left = self.rows[:fitting], self.rows[fitting:]
        if heights[fitting] > ROW_STAYS_WHOLE and room >= ROW_BEGINS_WITH:
            first, rest = self._break(left[0], room)
            kept, left = [*kept, first], [rest, *left[1:]]
        if not kept:
            return []
        return [
            replace(self, rows=kept, space_after=0),
            replace(self, rows=left, space_before=0),
        ]

    def draw(self) -> None:
        rtl = is_rtl(self.language)
        breadth = sum(self.widths)
        left = self.width - breadth if self.at_end != rtl else 0
        top = self.height
        for row, height in zip(self._all_rows, self._heights, strict=True):
            self._draw_ground(row, left, breadth, top - height, height)
            x = left + breadth if rtl else left
            for cell, width in zip(row.cells, self.widths, strict=True):
                self._draw_cell(cell, (x - width + self.gap if rtl else x) + self.gutter, top - row.top)
                x += -width if rtl else width
            top -= height

    def _draw_ground(self, row: Row, x: float, breadth: float, y: float, height: float) -> None:
        if row.fill:
            self.canv.setFillColor(row.fill)
            self.canv.rect(x, y, breadth, height, stroke=0, fill=1)
        if row.rule:
            self.canv.setStrokeColor(row.rule)
            self.canv.setLineWidth(row.rule_width)
            self.canv.line(x, y, x + breadth, y)

    def _draw_cell(self, cell: Cell, x: float, top: float) -> None:
        for text in cell:
            top -= text.spaceBefore + text.height
            text.drawOn(self.canv, x, top)
            top -= text.spaceAfter

    def _row_height(self, row: Row) -> float:
        return max(map(self._cell_height, row.cells, self.widths), default=0) + row.top + row.bottom

    def _cell_height(self, cell: Cell, width: float) -> float:
        for text in cell:
            text.wrap(self._text_width(width), 0)
        return sum(text.spaceBefore + text.height + text.spaceAfter for text in cell)

    def _break(self, row: Row, room: float) -> tuple[Row, Row]:
        """Return the part of `row` that fits into `room` and the part that does not, cut between lines."""
        halves = [
            _break_cell(cell, self._text_width(width), room - row.top)
            for cell, width in zip(row.cells, self.widths, strict=True)
        ]
        first = replace(row, cells=[above for above, _ in halves], rule=None, bottom=0)
        return first, replace(row, cells=[below for _, below in halves])


def _break_cell(cell: Cell, width: float, room: float) -> tuple[Cell, Cell]:
    above: Cell = []
    below: Cell = []
    for i, text in enumerate(cell):
        room -= text.spaceBefore
        if text.height <= room:
            above.append(text)
            room -= text.height + text.spaceAfter
            continue
        parts = text.split(width, room)
        above, below = above + parts[:1], [*parts[1:], *cell[i + 1 :]] if parts else cell[i:]
        break
    if above:
        above[-1] = replace(above[-1], space_after=0)
    return above, below


def column_widths(columns: Sequence[Sequence[Text]], room: float, *, gutter: float, stretch: int) -> list[float]:
    """Share `room` points among the columns.

    What a column needs to wrap nothing it gets, as long as the others get as much; the widest share what is left.
    Room that nobody needs goes to the column `stretch`.
    """
    needs = [max((text.natural_width() for text in column), default=0) + 2 * gutter + 0.5 for column in columns]
    widths = [0.0] * len(needs)
    left = room
    by_need = sorted(range(len(needs)), key=lambda i: needs[i])
    for position, i in enumerate(by_need):
        widths[i] = min(needs[i], left / (len(needs) - position))
        left -= widths[i]
    widths[stretch] += left
    return widths
