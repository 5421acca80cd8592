"""What lists of patients and records are filtered by."""

from apps.clinical.models import RecordType
from apps.hospitals.api.filters import SearchFilter
from medivoy.api.filters import ChoiceFilter, CountryFilter, DayFilter, FilterSet, IdFilter


class PatientFilters(FilterSet):
    country = CountryFilter()
    search = SearchFilter()


class RecordFilters(FilterSet):
    patient_id = IdFilter(field_name="patient")
    booking_id = IdFilter(field_name="booking")
    record_type = ChoiceFilter(choices=RecordType.choices)
    date_from = DayFilter(field_name="record_date", lookup_expr="gte")
    date_to = DayFilter(field_name="record_date", lookup_expr="lte")


class AccessFilters(FilterSet):
    """By days in UTC."""

    date_from = DayFilter(field_name="happened_at", lookup_expr="date__gte")
    date_to = DayFilter(field_name="happened_at", lookup_expr="date__lte")
