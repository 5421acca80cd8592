"""ETag, If-None-Match and If-Match.

The tag of an object is `"<row version>.<body digest>"`. Reading compares it whole, so a new language or a new rate is
a new body; writing compares the version alone, so a client need not have read in the same language.
"""

import hashlib
import re
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified
from rest_framework.request import Request
from rest_framework.response import Response

from medivoy.core.errors import StaleVersion

TAG = re.compile(r'(W/)?"([^"]*)"')
KEPT_BY_304 = ("ETag", "Vary", "Cache-Control", "Content-Language", "Content-Location", "Expires")


def tag_of(version: int, body: bytes) -> str:
    """Return the entity tag of `body`."""
    return f'"{version}.{hashlib.sha256(body).hexdigest()[:20]}"'


def read_tags(header: str) -> list[tuple[bool, str]]:
    """Return the tags of a header as (is weak, text without quotes)."""
    return [(bool(weak), text) for weak, text in TAG.findall(header)]


def matches(header: str, tag: str) -> bool:
    """Whether `If-None-Match: header` names `tag`; weakness does not count."""
    return header.strip() == "*" or any(f'"{text}"' == tag for _weak, text in read_tags(header))


def tag_response(response: Response, request: Request, version: int) -> None:
    """Give the answer its tag once it is rendered, or turn it into a 304."""

    def finish(rendered: HttpResponse) -> HttpResponse | None:
        tag = tag_of(version, rendered.content)
        rendered["ETag"] = tag
        if not matches(request.headers.get("If-None-Match", ""), tag):
            return None
        unchanged = HttpResponseNotModified()
        for name in KEPT_BY_304:
            if name in rendered:
                unchanged[name] = rendered[name]
        return unchanged

    response.add_post_render_callback(finish)


def versions_expected(request: Request) -> frozenset[int] | None:
    """Return the versions that `If-Match` names, None where any will do. A weak or strange tag names none."""
    header = request.headers.get("If-Match", "").strip()
    if header in ("", "*"):
        return None
    strong = (text.partition(".")[0] for weak, text in read_tags(header) if not weak)
    return frozenset(int(number) for number in strong if number.isascii() and number.isdigit() and len(number) < 10)


def check_version(row: Any, expected: frozenset[int] | None, *, lock: bool) -> int | None:
    """Compare the row's version with what `If-Match` names; return the version to hold, None where any will do.

    With `lock` the row is locked first (the transaction must be open), so it stays what was compared. Without, the
    service that is called has to compare again under its own lock. Raises StaleVersion (412).
    """
    if expected is None:
        return None
    rows = type(row)._base_manager.filter(pk=row.pk)
    current = (rows.select_for_update(no_key=True) if lock else rows).values_list("version", flat=True).first()
    if current not in expected:
        raise StaleVersion
    return current
