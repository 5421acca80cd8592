"""What an uploaded file is, by its bytes."""

import hashlib
import io

import pytest

from apps.clinical.uploads.judge import KINDS, judge
from medivoy.core.errors import InvalidInput
from tests.clinical import samples

GOOD = {
    "application/pdf": samples.GOOD_PDF,
    "image/jpeg": samples.picture(),
    "image/png": samples.picture("PNG"),
    "image/tiff": samples.picture("TIFF"),
    "application/dicom": samples.dicom(),
}


def sent(data):
    return io.BytesIO(data)


def test_all_five_kinds_are_tried():
    assert set(GOOD) == set(KINDS)


@pytest.mark.parametrize("media_type", GOOD)
def test_a_file_is_what_its_bytes_say(media_type):
    judged = judge(sent(GOOD[media_type]))
    kept = judged.content.read()
    assert judged.media_type == media_type
    assert (judged.size, judged.sha256) == (len(kept), hashlib.sha256(kept).hexdigest())


@pytest.mark.parametrize("media_type", ["application/pdf", "application/dicom"])
def test_pdf_and_dicom_are_kept_as_they_came(media_type):
    assert judge(sent(GOOD[media_type])).content.read() == GOOD[media_type]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"MZ" + bytes(600),
        b"\x7fELF" + bytes(600),
        b"PK\x03\x04" + bytes(600),
        b"GIF89a" + bytes(600),
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b" " + samples.GOOD_PDF,
        b"%PDF-9.9",
        bytes(128) + b"DICX",
        bytes(1000),
    ],
)
def test_anything_else_is_refused(data):
    """T49."""
    with pytest.raises(InvalidInput) as refusal:
        judge(sent(data))
    assert list(refusal.value.errors) == ["file"]


def test_larger_than_the_limit_is_refused(settings):
    settings.MEDICAL_RECORD_MAX_BYTES = len(samples.GOOD_PDF) - 1
    with pytest.raises(InvalidInput):
        judge(sent(samples.GOOD_PDF))


def test_a_dicom_file_that_is_a_program_too_is_refused():
    """T49."""
    for preamble in (b"MZ" + bytes(126), b"<script>alert(1)</script>".ljust(128), b"#!/bin/sh\n".ljust(128)):
        with pytest.raises(InvalidInput):
            judge(sent(samples.dicom(preamble)))


def test_a_dicom_file_may_be_a_tiff_too():
    assert judge(sent(samples.dicom(b"II*\x00" + bytes(124)))).media_type == "application/dicom"
