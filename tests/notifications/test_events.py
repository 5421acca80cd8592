"""The table of events against the rules of the domain, and its words in every language."""

import pytest
from django.conf import settings

from apps.notifications.events import APP, BOTH, EVENTS, MAIL, Audience
from apps.notifications.wording import FRAME, languages, placeholders, texts

LANGUAGES = [code for code, _name in settings.LANGUAGES]
# A booking's number, somebody's role, and for how long a link works.
NAMED = {"number", "role", "days", "hours"}
MOVES = [
    "booking_requested",
    "booking_under_review",
    "booking_accepted",
    "booking_rejected",
    "details_wanted",
    "quotation_sent",
    "booking_confirmed",
    "payment_pending",
    "payment_completed",
    "invoice_sent",
    "travel_arrangement",
    "in_treatment",
    "booking_completed",
    "feedback_received",
    "booking_on_hold",
    "booking_resumed",
    "booking_cancelled",
]


@pytest.mark.parametrize("move", MOVES)
def test_every_move_tells_patient_and_coordinator(move):
    assert {Audience.PATIENT, Audience.COORDINATOR} <= set(EVENTS[move].channels)


def test_the_hospital_hears_of_five_moves_only():
    told = {name for name, event in EVENTS.items() if Audience.HOSPITAL in event.channels}
    assert told == {
        "booking_accepted",
        "booking_confirmed",
        "payment_completed",
        "travel_arrangement",
        "booking_cancelled",
    }


def test_moves_are_mailed_except_the_two_that_follow_by_themselves():
    quiet = {move for move in MOVES if set(EVENTS[move].channels.values()) == {APP}}
    assert quiet == {"booking_under_review", "payment_pending"}
    assert all(set(EVENTS[move].channels.values()) == {BOTH} for move in set(MOVES) - quiet)


def test_patients_hear_of_three_moves_of_their_own():
    assert {name for name, event in EVENTS.items() if event.tells_mover} == {
        "booking_requested",
        "booking_confirmed",
        "booking_cancelled",
    }


def test_links_that_let_in_are_mailed_only():
    """T9: they stand in no list that the app shows."""
    assert {name for name, event in EVENTS.items() if set(event.channels.values()) == {MAIL}} == {
        "email_verification",
        "email_change",
        "invitation",
        "password_reset",
    }


def test_there_are_texts_in_exactly_the_languages_of_the_platform():
    assert languages() == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_has_words(language):
    assert set(texts(language)) == {FRAME, *EVENTS}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [FRAME, *EVENTS])
def test_a_translation_says_the_same_parts_with_the_same_placeholders(name, language):
    source, translation = texts("en")[name], texts(language)[name]
    assert set(translation) == set(source)
    for part, text in translation.items():
        assert placeholders(text) == placeholders(source[part]), part
        assert text.strip() == text
        assert text
        if language != "en":
            assert text != source[part], part


@pytest.mark.parametrize("name", EVENTS)
def test_a_mail_names_no_more_than_it_must(name):
    """No note, no reason, no diagnosis, no amount: there is news, and a link."""
    entry = texts("en")[name]
    assert placeholders(entry["title"] + entry["message"]) <= NAMED
    assert set(entry) <= {"title", "message", "in_app", "button"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_fit_a_subject(language):
    assert max(len(entry["title"]) for name, entry in texts(language).items() if name != FRAME) < 90
