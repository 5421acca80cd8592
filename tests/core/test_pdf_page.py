"""The paper as an independent reader draws and reads it (poppler)."""

import io
import re
import subprocess
from html import unescape
from itertools import groupby

import pytest
from PIL import Image

from medivoy.core.pdf.document import Document, Party
from tests.core.test_pdf_document import TITLES, invoice
from tests.system import program


@pytest.fixture
def pdftotext(tmp_path):
    """Run poppler's reader over the first page."""
    reader = program("pdftotext")

    def run(data, *options):
        path = tmp_path / "paper.pdf"
        path.write_bytes(data)
        return subprocess.run(
            [reader, "-f", "1", "-l", "1", *options, path, "-"], capture_output=True, check=True
        ).stdout.decode()

    return run


@pytest.fixture
def places(pdftotext):
    """Return the left edge of each word; Arabic ones are spelled as they stand, from left to right."""

    def find(data):
        found = re.findall(r'<word xMin="([\d.]+)"[^>]*>([^<]*)</word>', pdftotext(data, "-bbox"))
        return {unescape(word): float(x) for x, word in found}

    return find


@pytest.fixture
def draw(tmp_path):
    """Return the first page as a picture in grey."""
    pdftoppm = program("pdftoppm")

    def picture(data, dots_per_inch=100):
        path = tmp_path / "paper.pdf"
        path.write_bytes(data)
        options = ["-f", "1", "-l", "1", "-r", str(dots_per_inch), "-gray", "-singlefile"]
        result = subprocess.run([pdftoppm, *options, path], capture_output=True, check=True)
        assert result.stderr == b""
        return Image.open(io.BytesIO(result.stdout))

    return picture


def letter(text, language="ar"):
    return Document(language=language, title="T", issuer=Party("I")).paragraph(text).render()


def inked_stretches(picture):
    """Return how many separate stretches of columns carry ink in the line below the header's rule."""
    width, height = picture.size
    rows = [picture.crop((0, y, width, y + 1)).getextrema()[0] < 128 for y in range(height)]
    bands, y = [], 0
    for inked, members in groupby(rows):
        length = len(list(members))
        bands += [(y, y + length)] if inked else []
        y += length
    rule = next(i for i, (top, bottom) in enumerate(bands) if picture.getpixel((width // 2, (top + bottom) // 2)) < 200)
    top, bottom = bands[rule + 1]
    columns = [picture.crop((x, top, x + 1, bottom)).getextrema()[0] < 128 for x in range(width)]
    return sum(1 for inked, _ in groupby(columns) if inked)


def test_runs_stand_where_an_arabic_reader_looks_for_them(places):
    found = places(letter("الحجز MB-2026-000123 بتاريخ 2026-04-01 على +971501234567 مؤكد"))
    order = ["+971501234567", "ىلع", "2026-04-01", "MB-2026-000123", "جحلا"]
    assert sorted(order, key=found.__getitem__) == order


def test_the_columns_of_arabic_paper_are_mirrored(places):
    english, arabic = (places(invoice(language).render()) for language in ("en", "ar"))
    assert english["Description"] < english["Qty"] < english["Amount"]
    assert arabic["Description"] > arabic["Qty"] > arabic["Amount"]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("ar", "استبدال كامل لمفصل الركبة مع غرفة خاصة"),
        ("hi", "संपूर्ण घुटना प्रत्यारोपण के बाद शल्यचिकित्सा क्षत्रिय श्रृंखला"),
        ("fr", "Œuvre où « déjà » l’été"),
        ("es", "¿Niño, corazón, cigüeña?"),
    ],
)
def test_what_is_copied_out_is_what_was_written(pdftotext, language, sentence):
    assert sentence in re.sub("[\u202a-\u202e]", "", pdftotext(letter(sentence, language)))


def test_arabic_letters_touch_and_separate_ones_do_not(draw):
    assert inked_stretches(draw(letter("سسسس"), 200)) == 1
    assert inked_stretches(draw(letter("\u200c".join("سسسس")), 200)) == 4


@pytest.mark.parametrize("language", TITLES)
def test_the_paper_is_drawn_without_complaint(draw, language):
    picture = draw(invoice(language).render())
    assert picture.size == (827, 1170)
    ink = picture.point(lambda value: 255 if value < 160 else 0).getbbox()
    assert 60 < ink[0] < 80
    assert 745 < ink[2] < 765
    assert 60 < ink[1] < 90
