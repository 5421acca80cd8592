"""The QR code is the library's, module by module."""

import re

import segno

from apps.accounts.api.qr import QUIET, qr_svg

STRETCH = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\d+z")
TEXT = "otpauth://totp/Medivoy:nia%40example.test?secret=JBSWY3DPEHPK3PXP&issuer=Medivoy"


def test_every_dark_module_is_drawn_and_no_other():
    dark = qr_svg(TEXT).partition('fill="#000"')[2]
    drawn = {(int(x) + n, int(y)) for x, y, length in STRETCH.findall(dark) for n in range(int(length))}
    rows = segno.make(TEXT, error="m", micro=False).matrix_iter(border=QUIET)

    assert drawn == {(x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark}


def test_it_carries_nothing_that_runs():
    assert set(re.findall(r"<(\w+)", qr_svg("<script>alert(1)</script>"))) == {"svg", "path"}
