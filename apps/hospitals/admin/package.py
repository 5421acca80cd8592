"""Packages in the console."""

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from apps.hospitals.models import Package
from apps.hospitals.models.shown import in_all_languages
from medivoy.admin import TranslatedAdmin


@admin.register(Package)
class PackagePage(TranslatedAdmin):
    list_display = ("name", "country", "duration_days", "base_price", "currency", "is_active")
    list_filter = ("is_active", ("country", ChoicesDropdownFilter))
    search_fields = in_all_languages("name")
    autocomplete_fields = ("hospitals", "treatments")
    sections = (
        (
            None,
            (
                ("country", "duration_days"),
                ("base_price", "currency"),
                "seasonal_pricing",
                ("hospitals", "treatments"),
                "inclusions",
                ("flights_included", "accommodation_included", "transfers_included"),
                "is_active",
            ),
        ),
    )
