import pytest
from django.utils.translation import gettext_lazy

from apps.notifications.wording import language_for, words_for


def test_words_are_filled_in():
    words = words_for("booking_accepted", "email", "fr", {"number": "MB-2026-000001"})
    assert words.title == "Réservation MB-2026-000001 : demande acceptée"
    assert "MB-2026-000001" in words.message


def test_lazy_values_become_words_of_the_readers_language():
    context = {"number": "MB-1", "missing": [gettext_lazy("Tuesday"), gettext_lazy("Friday")]}
    assert "martes, viernes" in words_for("details_reminder", "in_app", "es", context).message
    assert "mardi, vendredi" in words_for("details_reminder", "in_app", "fr", context).message


def test_the_app_may_say_more_than_a_mail():
    context = {"number": "MB-1", "missing": ["MRI"]}
    assert "MRI" in words_for("details_reminder", "in_app", "en", context).message
    assert "MRI" not in words_for("details_reminder", "email", "en", context).message


def test_braces_in_a_value_are_plain_text():
    assert "{number} {secret}" in words_for("booking_accepted", "email", "en", {"number": "{number} {secret}"}).title


def test_a_title_stays_one_line():
    """T54: what breaks a header never gets as far as a header."""
    title = words_for("booking_accepted", "email", "en", {"number": "MB\r\nBcc: all@example.test\u2028x\x00"}).title
    assert title.splitlines() == [title]
    assert title.isprintable()


def test_a_title_fits_its_column():
    assert len(words_for("booking_accepted", "email", "en", {"number": "9" * 400}).title) == 255


def test_a_word_that_is_missing_is_an_error_of_the_caller():
    with pytest.raises(KeyError):
        words_for("booking_accepted", "email", "en", {})


@pytest.mark.parametrize(("wanted", "got"), [("ar", "ar"), ("xx", "en"), ("", "en"), ("../en", "en")])
def test_an_unknown_language_is_read_in_english(wanted, got):
    assert language_for(wanted) == got
