"""What a password must be beside what Django's validators ask: not made of words that a guesser begins with."""

import re
from functools import cache
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# So many characters must be left when the words that a guesser knows are taken out.
REMAINDER = 8
PRODUCT = "medivoy"
SHORTEST_WORD = 3
SHORTEST_NUMBER = 6
# What people write in place of letters.
DISGUISES = str.maketrans("01345$7@!", "oleasstai")
BESIDE_LETTERS = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class KnownWordsValidator:
    """Refuses a password that is short but for the person's own names, address or number, the product's name, or one
    of the common passwords with something before or after it."""

    def validate(self, password: str, user: Any = None) -> None:
        rest = _without(password.casefold(), own_words(user))
        if len(rest) < REMAINDER:
            raise ValidationError(
                _("This password is made of what is known of you or of us."), code="password_of_known_words"
            )
        core = BESIDE_LETTERS.sub("", rest)
        if len(rest) - len(core) < REMAINDER and {core, core.translate(DISGUISES)} & common_passwords():
            raise ValidationError(_("This password is a common one with little added."), code="password_too_common")

    def get_help_text(self) -> str:
        return _("Your password can’t be made of your name, address or number, or of a common password.")


def own_words(user: Any) -> list[str]:
    """Return what a guesser who knows the person tries, the longest first."""
    email, phone = str(getattr(user, "email", "") or ""), str(getattr(user, "phone", "") or "")
    names = [getattr(user, "first_name", ""), getattr(user, "last_name", ""), email.rpartition(".")[0]]
    words = {PRODUCT, email, email.partition("@")[0]}
    words |= {word for name in names for word in re.split(r"[\W_]+", str(name))}
    numbers = {phone.lstrip("+"), phone[-10:], phone[-7:]}
    known = {word.casefold() for word in words if len(word) >= SHORTEST_WORD}
    known |= {number for number in numbers if len(number) >= SHORTEST_NUMBER}
    return sorted(known, key=len, reverse=True)


def _without(text: str, words: list[str]) -> str:
    """Return `text` without `words`, wherever and however often they stand, some of their letters disguised or not."""
    for word in words:
        while (at := max(text.find(word), text.translate(DISGUISES).find(word))) >= 0:
            text = text[:at] + text[at + len(word) :]
    return text


@cache
def common_passwords() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)
