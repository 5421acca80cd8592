"""The words of every event in every language, kept as data in texts/<language>.toml for translators.

A text names what it needs in braces, `{number}`; nothing else in it is special.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import Truncator

from apps.notifications.models import Channel

TEXTS = Path(__file__).resolve().parent / "texts"
SOURCE_LANGUAGE = "en"
# What surrounds every mail; the other tables of a file are events.
FRAME = "mail"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
BREAKS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
TITLE_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Words:
    """What one person reads by one channel."""

    title: str
    message: str


@cache
def texts(language: str) -> dict[str, dict[str, str]]:
    """Return the texts of `language`, by event."""
    return tomllib.loads((TEXTS / f"{language}.toml").read_text(encoding="utf-8"))


@cache
def languages() -> frozenset[str]:
    """Return the languages that have texts."""
    return frozenset(path.stem for path in TEXTS.glob("*.toml"))


def language_for(wanted: str) -> str:
    """Return `wanted` where it has texts, else the source language."""
    return wanted if wanted in languages() else SOURCE_LANGUAGE


def placeholders(text: str) -> frozenset[str]:
    """Return the names in braces."""
    return frozenset(PLACEHOLDER.findall(text))


def words_for(event: str, channel: str, language: str, context: Mapping[str, Any]) -> Words:
    """Return title and message of `event` in `language`.

    Values may be lazy translations, or lists of them, and become words of that language. In the app a text may say
    more than in a mail (`in_app` in place of `message`). Raises KeyError where `context` lacks what a text names.
    """
    entry = texts(language)[event]
    body = entry.get("in_app", entry["message"]) if channel == Channel.IN_APP else entry["message"]
    with translation.override(language):
        title = BREAKS.sub(" ", _fill(entry["title"], context)).strip()
        return Words(Truncator(title).chars(TITLE_LENGTH), _fill(body, context))


def button_for(event: str, language: str) -> str:
    """Return the words on a mail's link."""
    entry = texts(language)
    return entry[event].get("button", entry[FRAME]["button"])


def frame(language: str) -> dict[str, str]:
    """Return what stands around every mail: greeting, closing, footer."""
    return texts(language)[FRAME]


def _fill(text: str, context: Mapping[str, Any]) -> str:
    return PLACEHOLDER.sub(lambda found: _in_words(context[found.group(1)]), text)


def _in_words(value: Any) -> str:
    # A lazy text is iterable, too: by its letters.
    if isinstance(value, Iterable) and not isinstance(value, str | Promise):
        return ", ".join(str(item) for item in value)
    return str(value)
