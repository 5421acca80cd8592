"""Fields of the console's forms that judge as the API's do."""

from typing import Any

from django import forms
from rest_framework import serializers

from apps.accounts.api.fields import NameField


class NameInput(forms.CharField):
    """A name as the API takes it: one line, read in the order in which it is written (T54)."""

    def clean(self, value: Any) -> Any:
        name = super().clean(value)
        if not name:
            return name
        try:
            return NameField().run_validation(name)
        except serializers.ValidationError as error:
            raise forms.ValidationError([str(text) for text in error.detail]) from error
