"""Shaping, faces, wrapping and what hostile text can do (nothing)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medivoy.core.pdf.fonts import FAMILIES, can_draw, choose_faces, face
from medivoy.core.pdf.layout import lay_out, natural_width
from medivoy.core.pdf.plain import clean, is_rtl, ltr, without_marks
from medivoy.core.pdf.text import Text


def drawn(text, language="ar", width=float("inf")):
    """Return what stands on each line from left to right, as its glyphs speak."""
    return [
        "".join(glyph.text for piece in line.pieces for glyph in piece.glyphs)
        for line in lay_out(text, width, language=language)
    ]


def glyph_numbers(text, family="NotoSansArabic", rtl=True):
    return [glyph.number for glyph in face(family, False).shape(text, rtl, "ar" if rtl else "hi")]


class TestShaping:
    def test_arabic_letters_join(self):
        alone = glyph_numbers("س")
        assert set(glyph_numbers("سسس")).isdisjoint(alone)
        assert len(set(glyph_numbers("سسس"))) == 3

    def test_lam_alef_is_one_shape(self):
        assert set(glyph_numbers("لا")).isdisjoint(glyph_numbers("ل") + glyph_numbers("ا"))

    def test_devanagari_conjuncts_and_vowel_signs(self):
        assert len(glyph_numbers("क्ष", "NotoSansDevanagari", rtl=False)) == 1
        sign_first, letter = glyph_numbers("कि", "NotoSansDevanagari", rtl=False)
        assert [letter] == glyph_numbers("क", "NotoSansDevanagari", rtl=False)
        assert sign_first != letter

    def test_a_broken_word_shapes_both_parts(self):
        lines = drawn("م" * 50, width=10)
        assert len(lines) > 1
        assert "".join(lines) == "م" * 50

    def test_bold_is_another_face(self):
        [line] = lay_out("سعر price", 99, language="ar", bold=True)
        assert {piece.face.name for piece in line.pieces} == {"NotoSansArabic-Bold", "NotoSans-Bold"}


class TestFaces:
    def test_each_script_has_its_own(self):
        names = [one.name.removeprefix("NotoSans").split("-")[0] for one in choose_faces("aع।क1₹€", False)]
        assert names == ["", "Arabic", "Devanagari", "Devanagari", "", "", ""]

    def test_marks_stay_with_their_letter(self):
        assert len(set(choose_faces("क्\u200dष", False))) == 1
        assert len(set(choose_faces("م\u0651\u064e", False))) == 1

    @pytest.mark.parametrize("bold", [False, True])
    def test_the_files_have_what_the_five_languages_need(self, bold):
        needed = "abcÀÉîñ¿¡çœ«»’€₹$£¥ابتثجحءآؤئةىيگپ،؛؟٪अआइकखगघङ।ॐँंः०१२ —–•·×°µ±½²\u00a0\u202f"
        assert all(ord(char) in one.characters for char, one in zip(needed, choose_faces(needed, bold), strict=True))

    def test_what_no_face_has_is_an_empty_box_that_still_says_itself(self):
        [line] = lay_out("a😀中b", 99)
        glyphs = [glyph for piece in line.pieces for glyph in piece.glyphs]
        assert [glyph.number == 0 for glyph in glyphs] == [False, True, True, False]
        assert "".join(glyph.text for glyph in glyphs) == "a😀中b"
        assert can_draw("₹")
        assert not can_draw("฿")

    def test_the_licence_lies_beside_the_files(self):
        folder = face(FAMILIES[0], False).path.parent
        assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text()
        assert len(list(folder.glob("*.ttf"))) == 6


class TestOrder:
    @pytest.mark.parametrize(
        ("text", "visual"),
        [
            ("الرقم INV-MV-2026-000123 هنا", "انه INV-MV-2026-000123 مقرلا"),
            ("اتصل على +971 50 123 4567 الآن", "نآلا +971 50 123 4567 ىلع لصتا"),
            ("قبل 2026-12-31.", ".2026-12-31 لبق"),
            ("في 2026-04-01T10:30:00Z", "2026-04-01T10:30:00Z يف"),
            ("جرعة 500 mg مرتين", "نيترم 500 mg ةعرج"),
            ("دواء Panadol Extra 500 mg مرتين", "نيترم Panadol Extra 500 mg ءاود"),
            ("4. MRI للركبة", "ةبكرلل MRI .4"),
            ("النتيجة -2.5 وضغط 120/80", "120/80 طغضو -2.5 ةجيتنلا"),
            ("أقل من <5 mg/dL", "<5 mg/dL نم لقأ"),
            ("و≥ 3.5", ">= 3.5و"),
            (
                "اكتب care@medivoy.test أو https://medivoy.test/a?b=1",
                "https://medivoy.test/a?b=1 وأ care@medivoy.test بتكا",
            ),
            ("المبلغ 12,345.678 د.ك.", ".ك.د 12,345.678 غلبملا"),
            ("\u200f-50,000.000 د.ك.\u200f", ".ك.د -50,000.000"),
        ],
    )
    def test_codes_and_numbers_keep_their_order_in_arabic(self, text, visual):
        # The lam-alef of these words speaks as one shape in its logical order.
        assert [line.replace("لا", "ال").replace("لآ", "آل") for line in drawn(text)] == [
            visual.replace("لا", "ال").replace("لآ", "آل")
        ]

    @pytest.mark.parametrize("value", ["INV-2026-1", "+971 50 123", "2026-04-01", "5 - 10", "1 / 3", "-5"])
    def test_a_value_without_arabic_reads_from_left_to_right(self, value):
        assert drawn(value) == [value]

    def test_a_foreign_remark_keeps_its_full_stop(self):
        assert drawn("This remark is English.") == ["This remark is English."]
        assert drawn("هذا عربي.", language="en") == [".يبرع اذه"]

    def test_an_arabic_line_that_begins_with_latin_stays_arabic(self):
        assert drawn("MRI للركبة اليمنى") == ["ىنميلا ةبكرلل MRI"]

    def test_a_value_marked_by_the_caller_is_one_block(self):
        assert drawn(f"رمز {ltr('A-1 / B-2')} و {ltr('C 3')}") == ["C 3 و A-1 / B-2 زمر"]
        assert ltr("a\u2069\u202e\u200fb") == "\u2066a\u202eb\u2069"

    @given(st.from_regex(r"\A[-+]?[1-9][0-9]{0,2}(,[0-9]{3}){0,3}(\.[0-9]{1,3})?\Z"))
    def test_no_number_is_ever_torn(self, number):
        [line] = drawn(f"المبلغ {number} درهم")
        assert number in line


class TestWrapping:
    def test_lines_are_as_long_as_fits(self):
        words = "the quick brown fox jumps over the lazy dog " * 5
        lines = lay_out(words, 12)
        assert max(line.width for line in lines) <= 12
        assert " ".join(drawn(words, "en", 12)) == words.strip()
        first_words = [line.split(" ")[0] for line in drawn(words, "en", 12)]
        for line, following in zip(drawn(words, "en", 12), first_words[1:], strict=False):
            assert natural_width(f"{line} {following}") > 12

    @pytest.mark.parametrize("letter", ["W", "म", "क्ष", "م", "😀", "e\u0301"])
    def test_a_word_without_end_is_broken_between_letters(self, letter):
        lines = lay_out(letter * 120, 15)
        assert len(lines) > 1
        assert max(line.width for line in lines) <= 15.5
        assert not any(line.startswith(("\u0301", "\u094d")) for line in drawn(letter * 120, "en", 15))

    def test_a_column_narrower_than_a_letter_takes_a_letter_a_line(self):
        assert drawn("abc", "en", 0.01) == ["a", "b", "c"]

    def test_hard_spaces_and_codes_do_not_break(self):
        assert drawn("aaaa 10\u00a0000\u202fUSD", "en", 5.5)[-1] == "10\u00a0000\u202fUSD"
        assert drawn("aaaa INV-MV-1", "en", 6)[-1] == "INV-MV-1"

    def test_words_break_after_a_hyphen(self):
        assert drawn("follow-up visit", "en", 4)[0] == "follow-"

    def test_newlines_are_kept_and_empty_lines_single(self):
        assert drawn("a\r\nb\rc\n\n\n\nd", "en") == ["a", "b", "c", "", "d"]

    def test_no_text_is_one_empty_line(self):
        assert drawn("", "en") == [""]

    @given(st.text(max_size=80), st.floats(0.5, 30), st.sampled_from(["en", "ar", "hi"]))
    def test_nothing_is_lost_and_nothing_fails(self, text, width, language):
        def letters(lines):
            return sorted("".join(lines).replace(" ", "").replace("\n", ""))

        marks = "\u061c\u200b\u200e\u200f\u2066\u2067\u2068\u2069"
        kept = "".join(char for char in clean(text) if char not in marks)
        assert letters(drawn(text, language, width)) == letters([kept])


class TestHostileText:
    def test_control_characters_go(self):
        assert clean("a\x00b\x07c\x1b[31m\ufeff\u00ad\u2060") == "abc[31m"
        assert clean("a\tb   c \n d") == "a b c\nd"

    def test_a_lone_surrogate_is_replaced(self):
        assert clean("a\ud800b") == "a\ufffdb"

    def test_overrides_cannot_turn_an_amount_round(self):
        assert drawn("\u202e000.1 USD\u202c", "en") == ["000.1 USD"]
        assert drawn("pay \u202e123\u202c", "en") == ["pay 123"]

    def test_marks_do_not_pile_up(self):
        assert clean("e" + "\u0301" * 50 + "\u200d\u0301" * 50 + "x").count("\u0301") == 4

    def test_markup_is_text(self):
        text = "<b>x</b> &amp; <para> %s {0} \\n"
        assert drawn(text, "en") == [text]

    def test_properties_are_one_plain_line(self):
        assert without_marks("a\n\u200fb\x00\u2066c\u2069") == "a bc"


class TestText:
    def test_it_splits_between_lines(self):
        text = Text("word " * 100, language="en", space_before=3, space_after=5)
        _, height = text.wrap(100, 1000)
        above, below = text.split(100, height / 2)
        assert above.wrap(100, 0)[1] <= height / 2
        assert above.wrap(100, 0)[1] + below.wrap(100, 0)[1] == pytest.approx(height)
        assert (above.spaceBefore, above.spaceAfter, below.spaceBefore, below.spaceAfter) == (3, 0, 0, 5)

    def test_it_does_not_split_where_no_line_fits(self):
        assert Text("word " * 100, language="en").split(100, 5) == []

    def test_lines_stand_further_apart_in_tall_scripts(self):
        def height(text, language):
            return Text(text, language=language).wrap(400, 0)[1]

        assert height("a", "en") < height("क", "en") == height("a", "hi") < height("ع", "en") == height("a", "ar")

    def test_languages_know_their_side(self):
        assert is_rtl("ar")
        assert is_rtl("ar-AE")
        assert not any(map(is_rtl, ("en", "hi", "es", "fr")))
