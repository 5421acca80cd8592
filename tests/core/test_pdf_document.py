"""The house's paper as bytes: what is on it, on which page, and always the same."""

import io
import re
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pypdf import PdfReader

from medivoy.core.pdf.document import Document, Party
from medivoy.core.pdf.format import format_money
from medivoy.core.pdf.grid import Grid, Row, column_widths
from medivoy.core.pdf.layout import lay_out
from medivoy.core.pdf.text import Text

ISSUED_AT = datetime(2026, 11, 22, 8, 35, tzinfo=UTC)
TITLES = {"en": "Invoice", "ar": "فاتورة", "hi": "चालान", "es": "Factura", "fr": "Facture"}
HOSTILE = (
    "\x00NUL\x07 <b>bold</b> <para><font color=red>&amp; {x} %s </para>",
    "😀 👨‍👩‍👧 中文 ไทย",
    "W" * 300,
    "م" * 300,
    "\u202e12345\u202c \u2067 open",
    "lone \ud800",
    "(" * 200 + "ع" + ")" * 200,
    "\n".join("line" for _ in range(40)),
    "",
    "word " * 700,
)


def invoice(language="en", rows=4):
    def money(amount):
        return format_money(Decimal(amount), "KWD", language)

    document = Document(
        language=language,
        title=TITLES[language],
        number="INV-MV-2026-000123",
        issuer=Party("Apollo مستشفى", ["21 Greams Lane", "GSTIN 33AAACA1234A1Z5"]),
        recipient=Party("أمينة Al-Rashid", ["दुबई"], "Bill to"),
        issued_at=ISSUED_AT,
        page_label="{page} of {pages}",
    )
    document.facts([("Booking", "MB-2026-000123"), ("Phone", "+971 50 123 4567")])
    document.table(
        ["Description", "Qty", "Amount"],
        [[f"Row{n:03} ركبة घुटना", "1", money(1000 + n)] for n in range(rows)],
        ["start", "end", "end"],
    )
    document.totals([("Subtotal", money("4006"), False), ("Total", money("4206.3"), True)])
    return document.paragraph("Thank you.", heading="Notes")


def read(data):
    return PdfReader(io.BytesIO(data))


def pages_of(data):
    return [page.extract_text() for page in read(data).pages]


def words(data, page=0):
    """Return (text, x, y) of each piece of text on the page, from the content stream."""
    found = []

    def visit(text, _cm, matrix, _font, _size):
        if text.strip():
            found.append((text.strip(), matrix[4] + _cm[4], matrix[5] + _cm[5]))

    read(data).pages[page].extract_text(visitor_text=visit)
    return found


def place(data, text):
    return next((x, y) for word, x, y in words(data) if text in word)


class TestContent:
    @pytest.mark.parametrize("language", TITLES)
    def test_everything_is_on_it(self, language):
        [text] = pages_of(invoice(language).render())
        for expected in ("INV-MV-2026-000123", "MB-2026-000123", "+971 50 123 4567", "Row003", "Thank you.", "GSTIN"):
            assert expected in text
        assert TITLES[language] in text

    @pytest.mark.parametrize("language", TITLES)
    def test_the_file_says_what_it_is(self, language):
        reader = read(invoice(language).render())
        assert reader.metadata.title == f"{TITLES[language]} INV-MV-2026-000123"
        assert reader.metadata.author == "Apollo مستشفى"
        assert reader.metadata.creation_date == ISSUED_AT.replace(microsecond=0)
        root = reader.trailer["/Root"]
        assert root["/Lang"] == language
        assert root["/ViewerPreferences"]["/Direction"] == ("/R2L" if language == "ar" else "/L2R")

    def test_it_fetches_nothing_and_runs_nothing(self):
        data = invoice().paragraph("https://example.org/x.png javascript:alert(1)").render()
        for forbidden in (b"/URI", b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction", b"/AA", b"/EmbeddedFile"):
            assert not re.search(forbidden + rb"\b", data)

    def test_the_faces_it_draws_with_are_inside(self):
        fonts = read(invoice().render()).pages[0]["/Resources"]["/Font"]
        ours = [font.get_object() for name, font in fonts.items() if name.startswith("/Noto")]
        names = {font["/BaseFont"].split("+")[1] for font in ours}
        assert {"NotoSans-Regular", "NotoSansArabic-Regular", "NotoSansDevanagari-Regular"} <= names
        for font in ours:
            descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert len(descriptor["/FontFile2"].get_data()) < 100_000

    def test_labels_are_not_read_as_patterns(self):
        document = Document(language="en", title="{title} %s", issuer=Party("{name}"), page_label="{page}/{pages}")
        [text] = pages_of(document.paragraph("{0} %(x)s").render())
        assert "{title} %s" in text
        assert "{0} %(x)s" in text

    def test_a_letter_needs_neither_recipient_nor_table(self):
        data = Document(language="fr", title="Lettre", issuer=Party("Medivoy")).facts([("Réf.", "1")]).render()
        assert "Lettre" in pages_of(data)[0]

    def test_an_empty_table_is_its_header(self):
        data = Document(language="en", title="T", issuer=Party("I")).table(["A", "B"], [], ["start", "end"]).render()
        assert len(pages_of(data)) == 1

    def test_a_row_of_another_length_is_a_mistake(self):
        with pytest.raises(ValueError):
            Document(language="en", title="T", issuer=Party("I")).table(["A", "B"], [["1"]], ["start", "end"])


class TestDirection:
    def test_english_runs_from_the_left(self):
        data = invoice("en").render()
        assert place(data, "21 Greams")[0] < place(data, "INV-MV")[0]
        assert place(data, "Description")[0] < place(data, "Qty")[0] < place(data, "Amount")[0]

    def test_arabic_is_its_mirror(self):
        data = invoice("ar").render()
        assert place(data, "21 Greams")[0] > place(data, "INV-MV")[0]
        assert place(data, "Description")[0] > place(data, "Qty")[0] > place(data, "Amount")[0]

    @pytest.mark.parametrize("language", TITLES)
    def test_cells_of_a_row_share_a_baseline(self, language):
        data = invoice(language).render()
        amount = next(y for text, _, y in words(data) if re.search(r"1\W?000\W000", text))
        assert place(data, "Row000")[1] == pytest.approx(amount)


class TestPages:
    @pytest.mark.parametrize("language", ["en", "ar"])
    def test_a_long_table_repeats_its_header_and_loses_no_row(self, language):
        pages = pages_of(invoice(language, rows=80).render())
        assert len(pages) >= 3
        assert all("Description" in page for page in pages[:-1])
        found = re.findall(r"Row(\d{3})", "".join(pages))
        assert found == [f"{n:03}" for n in range(80)]

    def test_each_page_says_which_of_how_many(self):
        pages = pages_of(invoice(rows=80).render())
        for number, page in enumerate(pages, start=1):
            assert f"{number} of {len(pages)}" in page
            assert "INV-MV-2026-000123" in page

    @pytest.mark.parametrize("rows", range(20, 34))
    def test_totals_stay_together(self, rows):
        pages = pages_of(invoice(rows=rows).render())
        assert [("Subtotal" in page) == ("Total\n" in page or "Total " in page) for page in pages] == [True] * len(
            pages
        )

    @pytest.mark.parametrize("language", TITLES)
    def test_nothing_hostile_breaks_it(self, language):
        document = Document(
            language=language,
            title=HOSTILE[0],
            number=HOSTILE[2],
            issuer=Party(HOSTILE[3], HOSTILE[:6]),
            recipient=Party(HOSTILE[4], HOSTILE, HOSTILE[5]),
        )
        document.facts([(text, text) for text in HOSTILE])
        document.table(["A" * 90, "B"], [[text, text] for text in HOSTILE], ["start", "end"])
        document.totals([(text[:300], text[:300], True) for text in HOSTILE])
        document.facts([(text, text) for text in HOSTILE])
        for text in HOSTILE:
            document.paragraph(text, heading=text[:300])
        pages = pages_of(document.render())
        assert "<b>bold</b>" in "".join(pages)

    def test_nothing_is_drawn_off_the_paper(self):
        data = invoice("ar", rows=80).render()
        for number in range(len(read(data).pages)):
            for _, x, y in words(data, number):
                assert 40 < x < 560
                assert 20 < y < 820


class TestGrid:
    def test_a_tall_row_breaks_between_lines(self):
        tall = Text("word " * 800, language="en", space_after=4)
        grid = Grid([Row([[Text("a", language="en")], [tall]])], [50, 150], "en")
        above, below = grid.split(200, 300)
        assert above.wrap(200, 0)[1] <= 300
        lines = tall.wrap(138, 0)[1] / tall.leading
        assert sum(part.rows[0].cells[1][0].wrap(138, 0)[1] for part in (above, below)) / tall.leading == lines

    def test_a_row_of_usual_height_moves_whole(self):
        grid = Grid([Row([[Text("a\nb\nc", language="en")]])], [100], "en")
        assert grid.split(100, 30) == []

    def test_what_fits_is_not_split(self):
        grid = Grid([Row([[Text("a", language="en")]])], [100], "en")
        assert grid.split(100, 300) == []

    def test_columns_get_what_they_need_and_the_widest_wraps(self):
        columns = [[Text("word " * 50, language="en")], [Text("1,000", language="en")]]
        wide, narrow = column_widths(columns, 300, gutter=6, stretch=0)
        assert wide + narrow == pytest.approx(300)
        assert narrow == pytest.approx(columns[1][0].natural_width() + 12.5)

    def test_room_that_nobody_needs_goes_to_the_first_column(self):
        columns = [[Text("a", language="en")], [Text("b", language="en")]]
        first, second = column_widths(columns, 300, gutter=6, stretch=0)
        assert first > 250
        assert first + second == pytest.approx(300)


class TestCanvas:
    def test_a_raised_mark_raises_nothing_after_it(self):
        [line] = lay_out("Q\u0302", 99)
        [piece] = line.pieces
        assert piece.glyphs[-1].y_offset > 0
        document = Document(language="en", title="T", issuer=Party("I")).paragraph("Q\u0302").paragraph("plain")
        content = read(document.render()).pages[0].get_contents().get_data().decode("latin-1")
        rises = re.findall(r"(\S+) Ts", content)
        assert len(rises) == 2
        assert float(rises[0]) > 0
        assert rises[1] == "0"


class TestSameBytes:
    @pytest.mark.parametrize("language", TITLES)
    def test_the_same_arguments_give_the_same_file(self, language):
        first = invoice(language, rows=40).render()
        invoice("ar").paragraph("في ما بين ذلك رُسم غيره").render()
        assert invoice(language, rows=40).render() == first

    def test_another_process_gives_the_same_file(self):
        script = (
            "import sys; from tests.core.test_pdf_document import invoice;"
            "sys.stdout.buffer.write(invoice('ar', rows=9).render())"
        )
        other = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, check=True, env={"PYTHONHASHSEED": "7"}
        )
        assert other.stdout == invoice("ar", rows=9).render()

    def test_another_date_gives_another_file(self):
        document = invoice()
        document.issued_at = ISSUED_AT.replace(day=23)
        assert document.render() != invoice().render()
