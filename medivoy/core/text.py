"""Columns for text that the public reads: whatever door it comes through, no markup is stored.

A reader escapes it all the same; this is the other half, for the readers that forget.
"""

import html
from typing import Any

import nh3
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_LIST = 100
web_address = URLValidator(schemes=["http", "https"])
LONGEST_ITEM = 500


def plain(text: str) -> str:
    """Return `text` without markup: tags go, scripts and styles with what is inside them, all else stays as typed.

    What only looks like a tag once it is unescaped goes too.
    """
    while nh3.is_html(text):
        text = html.unescape(nh3.clean(text, tags=set()))
    return text


class PlainCharField(models.CharField):  # type: ignore[type-arg]
    """A line without markup."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return plain(prepared) if isinstance(prepared, str) else prepared


class PlainTextField(models.TextField):  # type: ignore[type-arg]
    """Text without markup."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return plain(prepared) if isinstance(prepared, str) else prepared


class WebAddressField(models.URLField):  # type: ignore[type-arg]
    """An address on the web, by http or https alone."""

    default_validators = [web_address]

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"assume_scheme": "https", **kwargs})


class LinesField(forms.CharField):
    """A list of short texts, one a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(item) for item in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class TextListField(models.JSONField):
    """A list of short texts, empty unless filled."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def validate(self, value: Any, model_instance: Any) -> None:
        super().validate(value, model_instance)
        if not isinstance(value, list) or len(value) > LONGEST_LIST:
            raise ValidationError(_("This must be a list of %(most)s texts at most.") % {"most": LONGEST_LIST})
        if any(not isinstance(item, str) or len(item) > LONGEST_ITEM for item in value):
            raise ValidationError(
                _("Each item must be a text of %(most)s characters at most.") % {"most": LONGEST_ITEM}
            )

    def formfield(self, **kwargs: Any) -> Any:
        kwargs.setdefault("help_text", _("One a line."))
        return models.Field.formfield(self, form_class=LinesField, **kwargs)


class PlainTextListField(TextListField):
    """A list of short texts without markup."""

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value([plain(item) for item in value] if isinstance(value, list) else value)
