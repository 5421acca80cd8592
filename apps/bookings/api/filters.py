"""What the lists of bookings and reviews may be narrowed to."""

from datetime import date
from typing import Any

import django_filters
from django.db.models import QuerySet

from apps.bookings.models import Booking, BookingType
from apps.bookings.policies import reads_money, reads_staff_notes
from apps.bookings.states import BookingStatus, PaymentStatus, WaitingOn
from medivoy.api.filters import ChoiceFilter, DayFilter, FilterSet, FlagFilter, IdFilter, InstantFilter
from medivoy.core import clock

FOR_STAFF = ("waiting_on", "overdue", "follow_up_before")


class BookingFilters(FilterSet):
    """`date_from` and `date_to` are days (UTC) on which the booking was asked for.

    What the asker may not read is no filter for them: it is ignored like any unknown parameter.
    """

    status = ChoiceFilter(choices=BookingStatus.choices)
    payment_status = ChoiceFilter(choices=PaymentStatus.choices)
    booking_type = ChoiceFilter(choices=BookingType.choices)
    patient_id = IdFilter()
    hospital_id = IdFilter()
    doctor_id = IdFilter()
    coordinator_id = IdFilter()
    date_from = DayFilter(method="asked_from")
    date_to = DayFilter(method="asked_to")
    admission_from = DayFilter(field_name="confirmed_date", lookup_expr="gte")
    admission_to = DayFilter(field_name="confirmed_date", lookup_expr="lte")
    waiting_on = ChoiceFilter(choices=WaitingOn.choices)
    overdue = FlagFilter(method="only_overdue")
    follow_up_before = InstantFilter(field_name="follow_up_at", lookup_expr="lt")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            return
        hidden = () if reads_staff_notes(user) else FOR_STAFF
        for name in (*hidden, *(() if reads_money(user) else ("payment_status",))):
            del self.filters[name]

    def asked_from(self, queryset: QuerySet[Booking], name: str, day: date) -> QuerySet[Booking]:
        return queryset.filter(created_at__gte=clock.start_of_day(day, "UTC"))

    def asked_to(self, queryset: QuerySet[Booking], name: str, day: date) -> QuerySet[Booking]:
        return queryset.filter(created_at__lt=clock.end_of_day(day, "UTC"))

    def only_overdue(self, queryset: QuerySet[Booking], name: str, wanted: bool) -> QuerySet[Booking]:
        late = {"due_at__lt": clock.now()}
        return queryset.filter(**late) if wanted else queryset.exclude(**late)


class ReviewFilters(FilterSet):
    doctor_id = IdFilter()
    hospital_id = IdFilter()
    rating = django_filters.NumberFilter(min_value=1, max_value=5)
    is_published = FlagFilter()
