"""The house's paper: quotations, invoices, receipts and letters in one layout, in the reader's language.

The caller brings every label already translated. What is drawn depends on the arguments only: the same ones give
the same bytes, nothing is fetched and no clock is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from io import BytesIO
from typing import Self

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Frame, PageTemplate
from reportlab.platypus.flowables import Flowable

from medivoy.core.pdf.canvas import Canvas
from medivoy.core.pdf.grid import Cell, Grid, Row, column_widths
from medivoy.core.pdf.plain import is_rtl, without_marks
from medivoy.core.pdf.text import INK, Align, Text

ACCENT = HexColor(0x0E6470)
GREY = HexColor(0x5B6875)
HAIRLINE = HexColor(0xD8DFE5)
TINT = HexColor(0xEEF4F5)

SIDE = 18 * mm
TOP = 17 * mm
BOTTOM = 22 * mm
FOOTER_AT = 11 * mm
ROOM = A4[0] - 2 * SIDE
GUTTER = 6
FACTS_ABREAST = 3
PRODUCER = "Medivoy"


@dataclass(frozen=True)
class Party:
    """Whom the paper is from or for: a label above ("Bill to"), the name, and lines of address and numbers."""

    name: str
    lines: Sequence[str] = ()
    label: str = ""


class Document:
    """A4 paper, built from above to below; `render` gives the bytes.

    `issued_at` is written as the file's date. `page_label` is the translated "Page {page} of {pages}".
    """

    def __init__(
        self,
        *,
        language: str,
        title: str,
        issuer: Party,
        number: str = "",
        recipient: Party | None = None,
        issued_at: datetime | None = None,
        page_label: str = "{page} / {pages}",
    ) -> None:
        self.language = language
        self.title = title
        self.number = number
        self.issuer = issuer
        self.recipient = recipient
        self.issued_at = issued_at
        self.page_label = page_label
        self._facts: list[tuple[str, str]] = []
        self._blocks: list[Flowable] = []

    def facts(self, pairs: Sequence[tuple[str, str]]) -> Self:
        """Add labels with their values. Before any other block they stand beside the recipient."""
        if not self._blocks:
            self._facts += pairs
        else:
            self._blocks.append(self._fact_grid(pairs))
        return self

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[str]], aligns: Sequence[Align]) -> Self:
        """Add a table; its header comes again on each page. `aligns` has "end" for the columns of numbers."""
        style = list(zip(headers, aligns, strict=True))
        header = [self._text(label, size=8, bold=True, color=ACCENT, align=align) for label, align in style]
        body = [[self._text(value, align=align) for value, align in zip(row, aligns, strict=True)] for row in rows]
        columns = list(zip(header, *body, strict=True))
        stretch = next((i for i, align in enumerate(aligns) if align == "start"), 0)
        self._blocks.append(
            Grid(
                header=Row([[text] for text in header], fill=TINT, rule=ACCENT, rule_width=0.8, top=5, bottom=4),
                rows=[Row([[text] for text in row], rule=HAIRLINE, top=5, bottom=4) for row in body],
                widths=column_widths(columns, ROOM, gutter=GUTTER, stretch=stretch),
                language=self.language,
                gutter=GUTTER,
                space_before=6,
                space_after=8,
            )
        )
        return self

    def totals(self, lines: Sequence[tuple[str, str, bool]]) -> Self:
        """Add sums (label, value, whether it is a final one) under the numbers of the table, kept on one page."""
        rows = [
            (
                self._text(label, bold=strong, color=INK if strong else GREY, size=10 if strong else 9),
                self._text(value, bold=strong, color=ACCENT if strong else INK, size=10 if strong else 9, align="end"),
                strong,
            )
            for label, value, strong in lines
        ]
        columns = [[label for label, _, _ in rows], [value for _, value, _ in rows]]
        grid = Grid(
            rows=[
                Row(
                    [[label], [value]],
                    fill=TINT if strong else None,
                    rule=None if strong else HAIRLINE,
                    top=4,
                    bottom=3,
                )
                for label, value, strong in rows
            ],
            widths=column_widths(columns, ROOM * 0.52, gutter=GUTTER, stretch=0),
            language=self.language,
            gutter=GUTTER,
            at_end=True,
            space_after=12,
        )
        self._blocks += [CondPageBreak(grid.wrap(ROOM, 0)[1]), grid]
        return self

    def paragraph(self, text: str, *, heading: str = "") -> Self:
        """Add running text, with a heading of its own or none."""
        if heading:
            self._blocks.append(CondPageBreak(20 * mm))
            self._blocks.append(self._text(heading, size=9.5, bold=True, color=ACCENT, space_before=8, space_after=2))
        self._blocks.append(self._text(text, space_after=6))
        return self

    def render(self) -> bytes:
        """Return the PDF."""
        buffer = BytesIO()
        frame = Frame(SIDE, BOTTOM, ROOM, A4[1] - TOP - BOTTOM, 0, 0, 0, 0)
        template = BaseDocTemplate(
            buffer,
            pagesize=A4,
            pageTemplates=[PageTemplate(frames=[frame], onPage=self._set_properties)],
            lang=self.language,
            invariant=1,
            pageCompression=1,
        )
        template.build([*self._head(), *self._blocks], canvasmaker=partial(Canvas, draw_footer=self._draw_footer))
        return buffer.getvalue()

    def _text(
        self,
        text: str,
        *,
        size: float = 9,
        bold: bool = False,
        color: HexColor = INK,
        align: Align = "start",
        space_before: float = 0,
        space_after: float = 0,
    ) -> Text:
        return Text(
            text,
            language=self.language,
            size=size,
            bold=bold,
            color=color,
            align=align,
            space_before=space_before,
            space_after=space_after,
        )

    def _head(self) -> list[Flowable]:
        """Return the issuer and the title, then the recipient beside the first facts."""
        title = [self._text(self.title, size=19, bold=True, color=ACCENT, align="end")]
        if self.number:
            title.append(self._text(self.number, size=10, color=GREY, align="end"))
        head = Grid(
            rows=[Row([self._party(self.issuer, 12), [], title], rule=ACCENT, rule_width=1.4, top=0, bottom=10)],
            widths=[ROOM * 0.55, ROOM * 0.03, ROOM * 0.42],
            language=self.language,
            gutter=0,
            space_after=14,
        )
        if not self.recipient:
            return [head, self._fact_grid(self._facts)] if self._facts else [head]
        half = (len(self._facts) + 1) // 2
        columns = [self._fact_cell(self._facts[:half]), self._fact_cell(self._facts[half:])]
        beside = Grid(
            rows=[Row([self._party(self.recipient, 10.5), *columns], top=0, bottom=0)],
            widths=[ROOM * 0.43, ROOM * 0.27, ROOM * 0.3],
            language=self.language,
            gutter=0,
            gap=12,
            space_after=10,
        )
        return [head, beside]

    def _party(self, party: Party, size: float) -> Cell:
        label = [self._text(party.label, size=7.5, color=GREY)] if party.label else []
        lines = [self._text(line, size=8.5, color=GREY) for line in party.lines if line]
        return [*label, self._text(party.name, size=size, bold=True, space_after=1), *lines]

    def _fact_cell(self, pairs: Sequence[tuple[str, str]]) -> Cell:
        return [
            text
            for label, value in pairs
            for text in (self._text(label, size=7.5, color=GREY), self._text(value, space_after=4))
        ]

    def _fact_grid(self, pairs: Sequence[tuple[str, str]]) -> Grid:
        """Return the facts in rows of three."""
        cells = [self._fact_cell([pair]) for pair in pairs]
        cells += [[]] * (-len(cells) % FACTS_ABREAST)
        rows = [Row(cells[i : i + FACTS_ABREAST], top=0, bottom=0) for i in range(0, len(cells), FACTS_ABREAST)]
        widths = [ROOM / FACTS_ABREAST] * FACTS_ABREAST
        return Grid(rows, widths, self.language, gutter=0, gap=12, space_after=8)

    def _set_properties(self, canvas: Canvas, _template: BaseDocTemplate) -> None:
        """Write what a viewer shows of the file; asked for on each page, it stays the same."""
        canvas.setTitle(without_marks(f"{self.title} {self.number}"))
        canvas.setAuthor(without_marks(self.issuer.name))
        canvas.setSubject(without_marks(self.title))
        canvas.setCreator(PRODUCER)
        canvas.setProducer(PRODUCER)
        canvas.setViewerPreference("DisplayDocTitle", "true")
        canvas.setViewerPreference("Direction", "R2L" if is_rtl(self.language) else "L2R")
        if self.issued_at:
            canvas.set_date(self.issued_at)

    def _draw_footer(self, canvas: Canvas, page: int, pages: int) -> None:
        """Draw whose paper this is and which page of how many."""
        canvas.setStrokeColor(HAIRLINE)
        canvas.setLineWidth(0.5)
        canvas.line(SIDE, FOOTER_AT + 5 * mm, SIDE + ROOM, FOOTER_AT + 5 * mm)
        name = " · ".join(part for part in (self.number, self.issuer.name) if part)
        label = self.page_label.format(page=page, pages=pages)
        footer = Grid(
            rows=[
                Row(
                    [
                        [self._text(name, size=7.5, color=GREY).first_line(ROOM * 0.75)],
                        [self._text(label, size=7.5, color=GREY, align="end").first_line(ROOM * 0.25)],
                    ],
                    top=0,
                    bottom=0,
                )
            ],
            widths=[ROOM * 0.75, ROOM * 0.25],
            language=self.language,
            gutter=0,
        )
        _, height = footer.wrap(ROOM, 0)
        footer.drawOn(canvas, SIDE, FOOTER_AT + 3.5 * mm - height)
