"""Fields of the bookings' bodies."""

import json
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

LARGEST_OBJECT = 20_000
MOST_OBJECTS = 50
# Beyond it integers and the numbers of JavaScript part ways (RFC 8259, 6).
LARGEST_NUMBER = 2**53


@extend_schema_field(OpenApiTypes.OBJECT)
class ObjectField(serializers.Field):
    """A JSON object of any shape, within limits: what people write down, never what is computed with."""

    default_error_messages = {
        "invalid": _("This must be an object."),
        "size": _("This is too large."),
        "number": _("A number in it is too large to be read back exactly."),
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("invalid")
        if len(json.dumps(data)) > LARGEST_OBJECT:
            self.fail("size")
        return self._plain(data)

    def _plain(self, value: Any) -> Any:
        """Return the object with plain numbers, each of which every reader of JSON reads alike (T57)."""
        if isinstance(value, dict):
            return {key: self._plain(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        if isinstance(value, (int, float)) and abs(value) > LARGEST_NUMBER:
            self.fail("number")
        return float(value) if isinstance(value, float) else value

    def to_representation(self, value: Any) -> Any:
        return value


class ObjectsField(serializers.ListField):
    """A list of such objects."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=ObjectField(), max_length=MOST_OBJECTS, **kwargs)
