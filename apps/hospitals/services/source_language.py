"""Writing rows whose texts are translated."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model
from django.utils import translation

Row = TypeVar("Row", bound=Model)


def save_in_source_language(row: Row, values: Mapping[str, Any], *, is_new: bool = False) -> Row:
    """Write `values` (column names) to `row`: what is translated goes to the source language alone, whatever the
    language of the person who writes. The other languages are written by translators (contract, Conventions)."""
    with translation.override(settings.LANGUAGE_CODE):
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=None if is_new else list(values))
    return row
