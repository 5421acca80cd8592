"""What the catalogue's lists are filtered by."""

import json
import math
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from apps.hospitals.models import Hospital, HospitalDoctor, HospitalTreatment
from apps.hospitals.models.shown import in_all_languages
from medivoy.api.filters import (
    LONGEST_SEARCH,
    ChoiceFilter,
    CountryFilter,
    DayFilter,
    FilterSet,
    FlagFilter,
    IdFilter,
    TextFilter,
)
from medivoy.core.money import currencies

DEFAULT_RADIUS_KM = 50
LARGEST_RADIUS_KM = 20_050
LONGEST_TOUR = 1_000
# As many digits as a price has.
AMOUNT = {"max_digits": 18, "decimal_places": 3, "min_value": 0}


class PointField(forms.CharField):
    """A place as `latitude,longitude` in degrees."""

    def to_python(self, value: Any) -> tuple[float, float] | None:  # type: ignore[override]
        text = super().to_python(value)
        if not text:
            return None
        try:
            latitude, longitude = (float(part) for part in text.split(","))
        except ValueError as error:
            raise ValidationError(_("This must be latitude,longitude, such as 13.08,80.27."), code="invalid") from error
        if not (math.isfinite(latitude) and abs(latitude) <= 90 and math.isfinite(longitude) and abs(longitude) <= 180):
            raise ValidationError(_("There is no such place."), code="invalid")
        return latitude, longitude


class Parameter(django_filters.Filter):
    """A parameter that another filter reads: alone it filters nothing."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs


class PointParameter(Parameter):
    field_class = PointField


class AmountParameter(django_filters.NumberFilter, Parameter):
    filter = Parameter.filter

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**AMOUNT, **kwargs)


class RadiusParameter(django_filters.NumberFilter, Parameter):
    field_class = forms.FloatField
    filter = Parameter.filter

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0.001, max_value=LARGEST_RADIUS_KM, **kwargs)


class DaysFilter(django_filters.NumberFilter):
    field_class = forms.IntegerField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=LONGEST_TOUR, **kwargs)


class IdParameter(IdFilter, Parameter):
    """The id of another row that a filter reads."""

    filter = Parameter.filter


class DayParameter(DayFilter, Parameter):
    filter = Parameter.filter


class CurrencyFilter(ChoiceFilter):
    """An ISO 4217 code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[(code, code) for code in sorted(currencies())], **kwargs)


class CurrencyParameter(CurrencyFilter, Parameter):
    filter = Parameter.filter


class SearchFilter(django_filters.CharFilter):
    """Words, found by the queryset's own `search`, best first."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_SEARCH, **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.search(value) if value else qs  # type: ignore[attr-defined]


class ListedFilter(django_filters.CharFilter):
    """One of the texts of a list, whole, in any case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_SEARCH, **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        column = f"{self.field_name}_as_text"
        quoted = json.dumps(value, ensure_ascii=False)
        return qs.alias(**{column: Cast(self.field_name, TextField())}).filter(**{f"{column}__icontains": quoted})


class HospitalFilters(FilterSet):
    """`price_max`, `currency` and `treatment_id` are asked of one offer together; a price without a currency is
    compared as it stands, whatever the offer's currency."""

    country = CountryFilter()
    city = TextFilter(lookup_expr="unaccent__iexact")
    specialization = ListedFilter(field_name="specializations")
    is_verified = FlagFilter()
    is_active = FlagFilter()
    treatment_id = IdParameter()
    price_max = AmountParameter(help_text="In the currency of the offer, unless `currency` names one.")
    currency = CurrencyParameter()
    near = PointParameter(help_text="`latitude,longitude`; the nearest come first.")
    radius_km = RadiusParameter(help_text=f"With `near`; {DEFAULT_RADIUS_KM} by default.")
    search = SearchFilter()

    def filter_queryset(self, queryset: QuerySet[Hospital]) -> QuerySet[Hospital]:
        asked = self.form.cleaned_data
        if asked["near"]:
            radius = asked["radius_km"] or DEFAULT_RADIUS_KM
            queryset = queryset.near(*asked["near"], radius_km=radius)  # type: ignore[attr-defined]
        wanted = self._offer_wanted(asked)
        if wanted:
            offers = HospitalTreatment.objects.on_offer().filter(wanted, hospital=OuterRef("pk"))
            queryset = queryset.filter(Exists(offers))
        return super().filter_queryset(queryset)

    @staticmethod
    def _offer_wanted(asked: dict[str, Any]) -> Q:
        wanted = Q()
        if asked["treatment_id"]:
            wanted &= Q(treatment=asked["treatment_id"])
        if asked["price_max"] is not None:
            wanted &= Q(base_price__lte=asked["price_max"])
        if asked["currency"]:
            wanted &= Q(currency=asked["currency"])
        return wanted


class OfferFilters(FilterSet):
    """Of the hospitals that offer a treatment."""

    country = CountryFilter(field_name="hospital__country")
    city = TextFilter(field_name="hospital__city", lookup_expr="unaccent__iexact")
    currency = CurrencyFilter()
    price_max = django_filters.NumberFilter(field_name="base_price", lookup_expr="lte", **AMOUNT)


class DoctorFilters(FilterSet):
    specialty = django_filters.CharFilter(method="with_specialty", max_length=LONGEST_SEARCH)
    hospital_id = IdFilter(method="at_hospital")
    is_available = FlagFilter(field_name="is_active")
    language = ListedFilter(field_name="languages")
    fee_max = django_filters.NumberFilter(field_name="consultation_fee", lookup_expr="lte", **AMOUNT)
    currency = CurrencyFilter()
    teleconsult = FlagFilter(field_name="is_available_teleconsult")
    search = SearchFilter()

    def with_specialty(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In whichever language it is given."""
        anywhere = Q()
        for column in in_all_languages("specialty"):
            anywhere |= Q(**{f"{column}__unaccent__iexact": value})
        return queryset.filter(anywhere)

    def at_hospital(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Who works there now; at a hospital that is not the asker's to see nobody does."""
        there = HospitalDoctor.objects.visible_to(self.request.user).current().filter(hospital=value)
        return queryset.filter(pk__in=there.values("doctor"))


class TreatmentFilters(FilterSet):
    category = TextFilter(lookup_expr="unaccent__iexact")
    is_active = FlagFilter()
    search = SearchFilter()


class PackageFilters(FilterSet):
    """Prices are those of one traveller on `travel_date`, which the queryset has by then."""

    country = CountryFilter()
    duration = DaysFilter(field_name="duration_days")
    price_min = AmountParameter()
    price_max = AmountParameter()
    currency = CurrencyFilter()
    travel_date = DayParameter()
    search = SearchFilter()

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.form.cleaned_data
        if asked["price_min"] is not None:
            queryset = queryset.filter(price_then__gte=asked["price_min"])
        if asked["price_max"] is not None:
            queryset = queryset.filter(price_then__lte=asked["price_max"])
        return super().filter_queryset(queryset)
