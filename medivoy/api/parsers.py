"""JSON as the contract takes it: an object, in UTF-8, of sane size and depth, with nothing that two readers could
understand in two ways (repeated keys, NaN, NUL, lone surrogates)."""

import json
import re
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

DEEPEST = 20
LONGEST_NUMBER = 40
# PostgreSQL stores neither NUL nor half of a surrogate pair.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class ExactNumber(float):
    """A JSON number with a point, which remembers how it was written: money is read from the text, not the float."""

    literal: str

    def __new__(cls, literal: str) -> "ExactNumber":
        number = super().__new__(cls, literal)
        number.literal = literal
        return number


def malformed(message: str) -> ParseError:
    return ParseError(message, code="malformed_json")


def _read_float(literal: str) -> ExactNumber:
    number = ExactNumber(literal)
    if len(literal) > LONGEST_NUMBER or number in (float("inf"), float("-inf")):
        raise malformed(_("A number in the body is too long."))
    return number


def _read_int(literal: str) -> int:
    if len(literal) > LONGEST_NUMBER:
        raise malformed(_("A number in the body is too long."))
    return int(literal)


def _refuse_constant(literal: str) -> Any:
    raise malformed(_("The body has a number that JSON does not know: %(number)s.") % {"number": literal})


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise malformed(_("The body names a key twice."))
    return members


def _inspect(body: dict[str, Any]) -> None:
    """Walk the body without recursion; refuse depth, NUL and lone surrogates, in keys too."""
    heap: list[tuple[Any, int]] = [(body, 1)]
    while heap:
        value, depth = heap.pop()
        if depth > DEEPEST:
            raise malformed(_("The body is nested too deeply."))
        if isinstance(value, dict):
            heap.extend((key, depth) for key in value)
            heap.extend((item, depth + 1) for item in value.values())
        elif isinstance(value, list):
            heap.extend((item, depth + 1) for item in value)
        elif isinstance(value, str) and UNSTORABLE.search(value):
            raise malformed(_("The body has a character that is not allowed."))


class StrictJSONParser(BaseParser):
    """Reads a JSON object, or answers 400 `malformed_json`."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        try:
            text = stream.read().decode("utf-8")
            body = json.loads(
                text,
                parse_float=_read_float,
                parse_int=_read_int,
                parse_constant=_refuse_constant,
                object_pairs_hook=_read_object,
            )
        except RequestDataTooBig:
            raise
        except (ValueError, RecursionError) as error:
            raise malformed(_("The body is not valid JSON.")) from error
        if not isinstance(body, dict):
            raise malformed(_("The body must be a JSON object."))
        _inspect(body)
        return body
