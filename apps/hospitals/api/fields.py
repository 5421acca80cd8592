"""Fields of the catalogue's bodies."""

from typing import Any

from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from medivoy.api.fields import PlainTextField
from medivoy.core.text import LONGEST_ITEM, LONGEST_LIST

LONGEST_ADDRESS = 200


class WebAddressField(PlainTextField):
    """An address on the web, by http or https alone (T53)."""

    default_error_messages = {"address": _("This must be an address that begins with https:// or http://.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_ADDRESS, **kwargs)
        self.validators.append(URLValidator(schemes=["http", "https"], message=self.error_messages["address"]))


class TextsField(serializers.ListField):
    """A list of short texts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=PlainTextField(max_length=LONGEST_ITEM), max_length=LONGEST_LIST, **kwargs)
