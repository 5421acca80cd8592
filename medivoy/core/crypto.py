"""Secrets at rest: encrypted by the application, so that a copy of the database alone reveals none.

The keys are Fernet keys in `settings.FIELD_KEYS`, newest first: the first encrypts, all of them decrypt, so a key is
changed by putting the new one in front.
"""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS must hold a Fernet key at least (see .env.example)")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured("every one of FIELD_KEYS must be 32 bytes in URL-safe base64") from error


def encrypt(text: str) -> str:
    """Return `text` encrypted with the newest key."""
    return _cipher(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return what `encrypt` was given. Raises cryptography.fernet.InvalidToken where no key fits."""
    return _cipher(tuple(settings.FIELD_KEYS)).decrypt(token.encode()).decode()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that the database sees encrypted only. The empty text stays empty, so that "nothing there" can be seen.

    The same text is encrypted differently each time, so a search by value would silently find nothing: it is refused.
    """

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return encrypt(text) if text else text

    def from_db_value(self, value: str | None, *_args: Any) -> str | None:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted and cannot be searched by {lookup_name}")
        return super().get_lookup(lookup_name)
