"""Text that the public reads is stored without markup."""

import time

import pytest
from django.core.exceptions import ValidationError

from medivoy.core.text import LONGEST_ITEM, LONGEST_LIST, TextListField, WebAddressField, plain


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("Beds & care", "Beds & care"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("Hb <140> g/l", "Hb <140> g/l"),
        ("مستشفى <3", "مستشفى <3"),
        ("<b>Bold</b>", "Bold"),
        ("<script>alert(1)</script>Good", "Good"),
        ("<img src=x onerror=alert(1)>Good", "Good"),
        ("<a href='javascript:x'>Good</a> & &amp;", "Good & &"),
        ("<b></b>&lt;script&gt;alert(1)&lt;/script&gt;", ""),
    ],
)
def test_tags_go_and_all_else_stays_as_typed(typed, kept):
    assert plain(typed) == kept


def test_made_to_be_slow_it_is_read_in_time():
    started = time.monotonic()
    for text in ("<b>" * 5_000, "&amp;" * 4_000 + "<b>", "<" * 20_000):
        plain(text)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "value", [None, "x", {}, [1], [None], ["x" * (LONGEST_ITEM + 1)], ["x"] * (LONGEST_LIST + 1), [["x"]]]
)
def test_a_list_of_texts_is_that_and_nothing_else(value):
    field = TextListField()
    with pytest.raises(ValidationError):
        field.clean(value, None)


def test_a_list_of_texts_is_edited_a_line_each():
    field = TextListField().formfield()
    assert field.prepare_value(["One", "Two"]) == "One\nTwo"
    assert field.clean(" One \r\n\r\nTwo") == ["One", "Two"]
    assert field.has_changed(["One"], "One\n") is False
    assert field.has_changed(["One"], "Two") is True


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://files.test/x", "data:text/html,x", "//x.test", "x"])
def test_a_web_address_is_http_or_https(address):
    with pytest.raises(ValidationError):
        WebAddressField().clean(address, None)
    assert WebAddressField().clean("https://hospital.test/a?b=c", None)
