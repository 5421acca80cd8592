"""Rows as they go out."""

from typing import Any, TypeVar

from django.db.models import Model
from rest_framework import serializers

Row = TypeVar("Row", bound=Model)


class RowOut(serializers.ModelSerializer[Row]):
    """The base of what goes out: only read, so the schema promises every column of it in every answer."""

    def get_extra_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_extra_kwargs()
        for name in self.Meta.fields:
            kwargs.setdefault(name, {})["read_only"] = True
        return kwargs
