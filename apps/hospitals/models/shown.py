"""Translated columns in queries: the language that the reader sees, or all of them."""

from typing import Any

from django.conf import settings
from django.db.models import F, TextField, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language
from modeltranslation.utils import build_localized_fieldname


def in_all_languages(field: str) -> list[str]:
    """Return the columns that hold a translated field."""
    return [build_localized_fieldname(field, code) for code, _name in settings.LANGUAGES]


def shown(field: str, prefix: str = "") -> Any:
    """Return a translated field as the reader of now sees it: in their language, else in the source language.

    Of a related row with `prefix`, such as "treatment__".
    """
    source = F(prefix + build_localized_fieldname(field, settings.LANGUAGE_CODE))
    language = get_language() or settings.LANGUAGE_CODE
    if language == settings.LANGUAGE_CODE:
        return source
    theirs = NullIf(F(prefix + build_localized_fieldname(field, language)), Value(""))
    return Coalesce(theirs, source, output_field=TextField())
