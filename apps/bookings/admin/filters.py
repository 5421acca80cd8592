"""The filters of the list of cases."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from apps.bookings.models import Booking
from medivoy.core import clock


class OverdueFilter(SimpleListFilter):
    title = _("lateness")
    parameter_name = "overdue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("red", _("Late")), ("amber", _("Amber"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        if self.value() == "red":
            return queryset.overdue()
        if self.value() == "amber":
            return queryset.filter(amber_at__lte=clock.now(), due_at__gt=clock.now())
        return queryset


class AgeFilter(SimpleListFilter):
    title = _("age in state")
    parameter_name = "age"
    DAYS = {"1": 1, "3": 3, "7": 7, "30": 30}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, _("more than %(days)d days") % {"days": days}) for key, days in self.DAYS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        days = self.DAYS.get(self.value() or "")
        return queryset.filter(status_since__lt=clock.now() - timedelta(days=days)) if days else queryset


class CountryFilter(SimpleListFilter):
    title = _("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:
        used = Booking.objects.visible_to(request.user).values_list("patient__country", flat=True).distinct()
        return ((code, countries.name(code)) for code in sorted(code for code in used if code))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        return queryset.filter(patient__country=self.value()) if self.value() else queryset


class LanguageFilter(SimpleListFilter):
    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(settings.LANGUAGES)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        return queryset.filter(patient__user__preferred_language=self.value()) if self.value() else queryset


class ExpiringFilter(SimpleListFilter):
    title = _("quotation")
    parameter_name = "quotation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("expiring", _("Expires within 3 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        if self.value() != "expiring":
            return queryset
        limit = clock.today() + timedelta(days=3)
        return queryset.filter(status="quotation_sent", quotations__status="sent", quotations__valid_until__lte=limit)
