"""Lists: ordering and search by allow-list, filters that refuse an unknown value and ignore an unknown parameter."""

import re
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError as FormError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import F, OrderBy, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError as Refusal
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from medivoy.api.fields import InstantField
from medivoy.api.parsers import UNSTORABLE
from medivoy.core import clock
from medivoy.core.errors import InvalidInput

LONGEST_SEARCH = 200
UUID = re.compile(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class FlagField(forms.Field):
    """`true` or `false`, and nothing else."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> bool | None:
        if value in (None, ""):
            return None
        if str(value).lower() not in BOOLEANS:
            raise FormError(_("This must be true or false."), code="invalid")
        return BOOLEANS[str(value).lower()]


class InstantFormField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            # A plus sign in a query string arrives as a space.
            return InstantField().run_validation(text.replace(" ", "+"))
        except Refusal as error:
            raise FormError([str(complaint) for complaint in error.detail], code="invalid") from error


class CountryFormField(forms.CharField):
    """An alpha-2 code, or the country's English name in any case."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if not text:
            return ""
        code = text.upper() if text.upper() in countries else countries.by_name(text, language="en")
        if not code:
            raise FormError(_("This is not a country."), code="invalid")
        return str(code)


class IdFormField(forms.CharField):
    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if text and not UUID.fullmatch(text):
            raise FormError(_("This must be a UUID."), code="invalid")
        return text


class FlagFilter(django_filters.Filter):
    field_class = FlagField


class InstantFilter(django_filters.Filter):
    """A timestamp with its offset; use `lookup_expr` gte and lt for a range."""

    field_class = InstantFormField


class DayFilter(django_filters.DateFilter):
    """A date as `YYYY-MM-DD`, whatever the language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        limits = [MinValueValidator(clock.FIRST_DAY), MaxValueValidator(clock.LAST_DAY)]
        super().__init__(*args, input_formats=["%Y-%m-%d"], validators=limits, **kwargs)


class CountryFilter(django_filters.Filter):
    field_class = CountryFormField


class IdFilter(django_filters.Filter):
    """The id of another row. One that does not exist, or that the asker may not see, finds nothing."""

    field_class = IdFormField


class ChoiceFilter(django_filters.ChoiceFilter):
    """One of the choices; a value that is none of them is a 400."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, empty_label=None, **kwargs)


class TextFilter(django_filters.CharFilter):
    """A text that must be equal, but for case."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("lookup_expr", "iexact")
        kwargs.setdefault("max_length", LONGEST_SEARCH)
        super().__init__(*args, **kwargs)


class FilterSet(django_filters.FilterSet):
    """The base of every filters.py: declare each parameter by name, with the filters above."""


class StrictFilters(DjangoFilterBackend):
    """Runs the viewset's `filterset_class` on lists only."""

    def get_filterset_class(self, view: Any, queryset: Any = None) -> Any:
        return view.filterset_class if view.lists else None


def in_order(queryset: QuerySet[Any], terms: list[str]) -> QuerySet[Any]:
    """Order by `terms` and at last by the key, so that no two rows ever change places between pages."""
    if any(term.lstrip("-") in ("pk", "id") for term in terms):
        return queryset.order_by(*terms)
    return queryset.order_by(*terms, "-pk" if terms and terms[-1].startswith("-") else "pk")


class Ordering(BaseFilterBackend):
    """`ordering=name,-created_at` over the viewset's `ordering_fields` (a name, or a mapping of name to column).

    Without the parameter the viewset's `ordering` holds, else what the queryset already has.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        if not view.lists:
            return queryset
        asked = request.query_params.get("ordering", "")
        terms = self._read(asked, self.columns(view)) if asked else list(view.ordering)
        if not terms and any(isinstance(term, (OrderBy, F)) for term in queryset.query.order_by):
            raise TypeError("a list is ordered by names; annotate what it is ordered by")
        return in_order(queryset, terms or [str(term) for term in queryset.query.order_by])

    @staticmethod
    def columns(view: Any) -> dict[str, str]:
        fields = view.ordering_fields
        return dict(fields) if isinstance(fields, dict) else {name: name for name in fields}

    @staticmethod
    def _read(asked: str, columns: dict[str, str]) -> list[str]:
        terms = []
        for word in asked.split(","):
            name = word.removeprefix("-")
            if name not in columns:
                allowed = ", ".join(columns)
                raise InvalidInput({"ordering": [_("This list is ordered by: %(fields)s.") % {"fields": allowed}]})
            terms.append(f"-{columns[name]}" if word.startswith("-") else columns[name])
        return terms


class Search(BaseFilterBackend):
    """`search=` in the viewset's `search_fields`: every word must be in one of them."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        text = request.query_params.get("search", "").strip()
        if not view.lists or not view.search_fields or not text:
            return queryset
        if len(text) > LONGEST_SEARCH or UNSTORABLE.search(text):
            raise InvalidInput({"search": [_("This text cannot be searched for.")]})
        for word in text.split():
            anywhere = Q()
            for column in view.search_fields:
                anywhere |= Q(**{f"{column}__icontains": word})
            queryset = queryset.filter(anywhere)
        return queryset
