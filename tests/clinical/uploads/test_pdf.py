"""PDFs that are locked, or that act, are refused; others are kept as they came."""

import io
import os
import time
import zlib
from contextlib import suppress

import pytest

from apps.clinical.uploads import pdf
from medivoy.core.errors import InvalidInput
from medivoy.core.pdf.document import Document, Party
from tests.clinical import samples


def check(data):
    return pdf.check(io.BytesIO(data)).read()


@pytest.mark.parametrize(
    "data",
    [
        samples.pdf(b"<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>"),
        samples.pdf(b"<</OpenAction<</S/#4aava#53cript>>>>"),
        samples.pdf(b"<</A<</S/Launch/F(cmd.exe)>>>>"),
        samples.pdf(b"<</Names<</EmbeddedFiles 2 0 R>>>>"),
        samples.pdf(b"<</Type/EmbeddedFile>>"),
        samples.pdf(b"<</AcroForm<</XFA 3 0 R>>>>"),
        samples.pdf(b"<</Subtype/RichMedia>>"),
        samples.pdf(b"<</S/SubmitForm>>"),
        samples.pdf(b"<</Type/Catalog>>", trailer=b"/Encrypt 5 0 R"),
        samples.pdf(samples.stream(zlib.compress(b"1 0 <</S/JavaScript>>"), b"<</Type/ObjStm/Filter/FlateDecode")),
        samples.pdf(samples.stream(zlib.compress(b"1 0 <</S/J#53>>"), b"<</Type /Obj#53tm/Filter/FlateDecode")),
        samples.pdf(samples.stream(b"1 0 <</S/Launch>>", b"<</Type/ObjStm")),
        samples.pdf(b"(stream) <</S/JavaScript>> (endstream)"),
        samples.pdf(b"<</A 1>> stream <</S/JavaScript>>"),
    ],
)
def test_locked_and_active_ones_are_refused(data):
    with pytest.raises(InvalidInput) as refusal:
        check(data)
    assert list(refusal.value.errors) == ["file"]


@pytest.mark.parametrize(
    "data",
    [
        samples.GOOD_PDF,
        b"%PDF-1.4",
        samples.pdf(b"<</OpenAction[1 0 R/Fit]>>"),
        samples.pdf(samples.stream(b"bytes that read /JS and /Encrypt by chance")),
        samples.pdf(samples.stream(zlib.compress(b"1 0 <</Type/Page>>"), b"<</Type/ObjStm/Filter/FlateDecode")),
        samples.pdf(b"<</Title(JavaScript for doctors)>>"),
        samples.pdf(b"<</JSON 1/LaunchDate 2/Encryption 3>>"),
    ],
)
def test_others_are_kept_byte_by_byte(data):
    assert check(data) == data


def test_our_own_papers_would_be_taken():
    document = Document(language="en", title="Finding", number="1", issuer=Party("A laboratory"))
    document.paragraph("All is well.")
    assert check(document.render())


def test_a_bomb_is_not_unpacked():
    """T50."""
    bomb = zlib.compress(bytes(200_000_000), 9)
    started = time.monotonic()
    with pytest.raises(InvalidInput):
        check(samples.pdf(samples.stream(bomb, b"<</Type/ObjStm/Filter/FlateDecode")))
    assert time.monotonic() - started < 8


@pytest.mark.parametrize(
    "filler",
    [b">>stream\n", b"stream", b">>\nstream\nendstream", b"<</Type/ObjStm>>stream\nx\nendstream\n", b"#4", b"/", b"\n"],
)
def test_made_to_be_slow_it_is_read_in_time(filler):
    """T57."""
    data = b"%PDF-1.7\n" + filler * (20_000_000 // len(filler))
    started = time.monotonic()
    with suppress(InvalidInput):
        check(data)
    assert time.monotonic() - started < 8


def test_noise_is_no_reason_to_refuse():
    """A scan's bytes may spell anything; they stand in streams, which are not looked into."""
    noise = b"/JS /Launch " + os.urandom(2_000_000).replace(b"endstream", b"")
    assert check(samples.pdf(samples.stream(noise)))
