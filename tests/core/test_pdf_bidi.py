"""The order of mixed text. Levels below were worked out by hand from the rules of UAX #9."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medivoy.core.pdf.bidi import resolve_levels, visual_runs

ALPHABET = "aZ 1,.-+%/()[]{}\u05d0\u0627\u0628\u0661\u064e\u200e\u200f\u061c\u2066\u2067\u2068\u2069\u200b"


def seen(text, rtl):
    """Return `text` as it stands from left to right."""
    runs = visual_runs(text, resolve_levels(text, rtl), 0, len(text), rtl)
    return "".join(text[run.start : run.end][:: -1 if run.rtl else 1] for run in runs)


@pytest.mark.parametrize(
    ("text", "rtl", "levels"),
    [
        ("abc 12", False, "000000"),
        ("אב", False, "11"),
        ("abc", True, "222"),
        ("א 12", True, "1122"),
        ("a אב 12 c", False, "001112200"),
        ("אב 1,2", True, "111222"),
        ("ا 1-2", True, "11212"),
        ("א 1-2", True, "11222"),
        ("א 5%", True, "1122"),
        ("ا 5%", True, "1121"),
        ("א\u064eב", True, "111"),
        ("\u200e-5", True, "222"),
    ],
)
def test_each_character_gets_its_level(text, rtl, levels):
    assert "".join(map(str, resolve_levels(text, rtl))) == levels


@pytest.mark.parametrize(
    ("text", "rtl", "visual"),
    [
        # Levels and characters; the glyphs of brackets are mirrored later, by shaping.
        ("אב (cd) הו", True, "וה )cd( בא"),
        ("ab (cd) הו", True, "וה ab (cd)"),
        ("ab (גד) ef", False, "ab (דג) ef"),
        ("גד [ab (הו)]", True, "])וה( ab[ דג"),
    ],
)
def test_brackets_stay_pairs(text, rtl, visual):
    assert seen(text, rtl) == visual


def test_isolates_keep_their_inside_from_their_outside():
    assert seen("א \u20661-2\u2069 ב", True) == "ב \u20691-2\u2066 א"
    assert seen("ا \u20661-2\u2069 ب", True) == "ب \u20691-2\u2066 ا"
    assert seen("a \u2068אב 1\u2069 b", False) == "a \u20681 בא\u2069 b"
    assert seen("a \u2068b אב\u2069 c", False) == "a \u2068b בא\u2069 c"


def test_an_unclosed_isolate_ends_with_the_paragraph():
    assert seen("a \u2067b", False) == "a \u2067b"


def test_deep_nesting_is_bounded():
    text = "\u2067" * 300 + "a" + "\u2069" * 300 + "b"
    levels = resolve_levels(text, False)
    assert max(levels) <= 126
    assert levels[-1] == 0


def test_trailing_space_belongs_to_the_paragraph():
    text = "אב  "
    assert [run.level for run in visual_runs(text, resolve_levels(text, False), 0, 4, False)] == [1, 0]


@given(st.text(alphabet=ALPHABET, max_size=60), st.booleans())
def test_every_character_is_drawn_once(text, rtl):
    runs = visual_runs(text, resolve_levels(text, rtl), 0, len(text), rtl)
    assert sorted(i for run in runs for i in range(run.start, run.end)) == list(range(len(text)))


@given(st.text(alphabet=ALPHABET.translate(dict.fromkeys(range(0x2066, 0x206A))), max_size=20), st.booleans())
def test_what_is_isolated_changes_nothing_outside(inner, rtl):
    def around(text):
        levels = resolve_levels(f"אב 1 \u2066{text}\u2069, 2 ab", rtl)
        return levels[:6] + levels[-7:]

    assert around(inner) == around("")


@given(st.text(alphabet="אבג דה", max_size=40))
def test_pure_right_to_left_text_is_reversed(text):
    assert seen(text, True) == text[::-1]
