"""Treatments in the console, and the words of each hospital's offer of them."""

from django.contrib import admin

from apps.hospitals.models import HospitalTreatment, Treatment
from apps.hospitals.models.shown import in_all_languages
from medivoy.admin import TranslatedAdmin


@admin.register(Treatment)
class TreatmentPage(TranslatedAdmin):
    list_display = ("name", "category", "duration_days", "is_active")
    list_filter = ("is_active", "category")
    search_fields = (*in_all_languages("name"), "category")
    one_line = ("image",)
    sections = ((None, (("category", "duration_days"), ("is_active", "is_global"), "image")),)


@admin.register(HospitalTreatment)
class OfferPage(TranslatedAdmin):
    list_display = ("treatment", "hospital", "base_price", "currency", "is_available")
    list_filter = ("is_available", "currency")
    list_select_related = ("treatment", "hospital")
    search_fields = (*in_all_languages("treatment__name"), *in_all_languages("hospital__name"))
    autocomplete_fields = ("treatment", "hospital")
    sections = (
        (
            None,
            (
                ("hospital", "treatment"),
                ("base_price", "currency"),
                ("duration_days", "success_rate"),
                ("inclusions", "exclusions"),
                "is_available",
            ),
        ),
    )
