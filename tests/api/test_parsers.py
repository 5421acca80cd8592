"""What a body may be: T57."""

import json
import time

import pytest

from medivoy.api.parsers import ExactNumber, StrictJSONParser

pytestmark = pytest.mark.django_db

HOSTILE = {
    "nothing but a brace": b"{",
    "no json": b"name=x",
    "an array": b"[]",
    "null": b"null",
    "a text": b'"x"',
    "a number": b"7",
    "NaN": b'{"name": NaN}',
    "Infinity": b'{"name": -Infinity}',
    "a number beyond floats": b'{"name": 1e999}',
    "a number of a million digits": b'{"name": ' + b"9" * 900_000 + b"}",
    "a float of a million digits": b'{"name": 0.' + b"9" * 900_000 + b"}",
    "a key twice": b'{"name": "a", "name": "b"}',
    "NUL in a value": b'{"name": "a\\u0000b"}',
    "NUL in a key": b'{"na\\u0000me": "a"}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "deep arrays": b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "a little too deep": b'{"name": ' + b"[" * 21 + b"]" * 21 + b"}",
    "latin-1": '{"name": "é"}'.encode("latin-1"),
    "a byte order mark": b'\xef\xbb\xbf{"name": "a"}',
    "a trailing comma": b'{"name": "a",}',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_bodies_are_400_at_once(api, patient, body):
    began = time.monotonic()
    answer = api.as_(patient).post("/doors", body, content_type="application/json")
    assert time.monotonic() - began < 5
    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed_json"


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "x", ""],
)
def test_other_content_types_are_415(api, patient, kind):
    answer = api.as_(patient).generic("POST", "/doors", b'{"name": "a"}', content_type=kind)
    assert answer.status_code == 415
    assert answer.json()["code"] == "unsupported_media_type"


def test_a_charset_does_not_matter(api, patient):
    answer = api.as_(patient).post("/doors", b'{"name": "a"}', content_type="Application/JSON; charset=latin-1")
    assert answer.status_code == 201


def test_numbers_remember_how_they_were_written(rf):
    stream = rf.post("/", b'{"a": 0.10, "b": 12, "c": 1e2}', content_type="application/json")
    body = StrictJSONParser().parse(stream)
    assert body == {"a": 0.1, "b": 12, "c": 100.0}
    assert isinstance(body["a"], ExactNumber)
    assert (body["a"].literal, body["c"].literal) == ("0.10", "1e2")
    assert json.dumps(body) == '{"a": 0.1, "b": 12, "c": 100.0}'


def test_unknown_and_server_owned_keys_are_ignored(api, patient):
    """T2: nothing but what the serializer names is written."""
    body = {"name": "a", "id": "0190a0a0-0000-7000-8000-000000000000", "is_active": False, "x": {"y": []}}
    answer = api.as_(patient).post("/doors", body)
    assert answer.status_code == 201
    assert answer.json()["data"]["id"] != body["id"]


@pytest.mark.parametrize("name", [1, 1.5, True, None, [], {}, "", " ", "x" * 51])
def test_wrong_types_are_400_on_their_field(api, patient, name):
    answer = api.as_(patient).post("/doors", {"name": name})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"name"}
