"""Finding rows by words that people type: in any order, with slips, with or without accents, best first.

Slips are forgiven by trigrams. Of scripts other than Latin PostgreSQL has none under the C locale, so a word there is
found as it is written.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import models
from django.db.models import Case, F, Func, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Greatest, Length, Round

Rows = TypeVar("Rows", bound=QuerySet[Any])

MOST_WORDS = 8


class Searchable(Func):
    """Text as it is compared: in lower case and without accents. The function is made by a migration of hospitals."""

    function = "searchable"
    output_field = TextField()


class WordSimilarity(Func):
    """How much of the first text is found together in the second, from 0 to 1."""

    function = "word_similarity"
    output_field = models.FloatField()


class Words(Func):
    """Texts in one, with a blank between them."""

    template = "(%(expressions)s)"
    arg_joiner = " || ' ' || "
    output_field = TextField()


def words_in(*columns: str) -> Any:
    """Return the text of several columns as one; of a JSON column its text as JSON."""
    nothing = Value("", TextField())
    return Words(*(Coalesce(Cast(column, TextField()), nothing) for column in columns))


def search(rows: Rows, text: str, *, title: Any, document: Any) -> Rows:
    """Return the rows in whose `document` every word of `text` is found, those first whose `title` has them.

    Both are expressions, see `words_in`; an index on `Searchable(document)` with `gin_trgm_ops` is used. At most
    MOST_WORDS words count. How near is near enough is pg_trgm.word_similarity_threshold, in the settings.
    """
    words = text.split()[:MOST_WORDS]
    if not words:
        return rows
    found = rows.alias(document=Searchable(document), title=Searchable(title))
    for word in words:
        typed = Searchable(Value(word))
        found = found.filter(Q(document__trigram_word_similar=typed) | Q(document__contains=typed))
    return found.annotate(rank=_rank(words)).order_by("-rank", "pk")


def _rank(words: Sequence[str]) -> Any:
    """Return the sum of how well each word is found, the title counting twice; exact, so that equal ranks are equal.

    Of two titles that have all the words the shorter one is nearer.
    """
    score: Any = 1 / (Length(F("title")) + Value(100.0))
    for word in words:
        score = score + _found(word, "document") + 2 * _found(word, "title")
    return Round(Cast(score, models.DecimalField(max_digits=10, decimal_places=6)), 6)


def _found(word: str, column: str) -> Any:
    typed = Searchable(Value(word))
    similarity = WordSimilarity(typed, F(column))
    if word.isascii():
        return similarity
    literally = Case(When(Q(**{f"{column}__contains": typed}), then=Value(1.0)), default=Value(0.0))
    return Greatest(similarity, literally, output_field=models.FloatField())
