"""Quotations, to find and to read; they are drafted and sent from their case."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from apps.bookings.admin.rows import case_url
from apps.bookings.models import Quotation, QuotationLine
from apps.bookings.templatetags.console import money
from medivoy.admin import ModelAdmin, ReadOnly, TabularInline


class LineInline(ReadOnly, TabularInline):
    model = QuotationLine
    fields = ["description", "kind", "quantity", "unit_price", "tax_rate", "amount"]
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("bookings.view_quotation")


@admin.register(Quotation)
class QuotationAdmin(ReadOnly, ModelAdmin):
    list_display = ["quotation_number", "version_number", "case", "status", "total_label", "valid_until"]
    list_filter = ["status", "currency"]
    search_fields = ["quotation_number", "booking__booking_number"]
    date_hierarchy = "valid_until"
    ordering = ["valid_until"]
    inlines = [LineInline]
    list_select_related = ["booking"]

    @admin.display(description=_("Case"))
    def case(self, quotation: Quotation) -> str:
        booking = quotation.booking
        return format_html('<a href="{}"><bdi dir="ltr">{}</bdi></a>', case_url(booking), booking.booking_number)

    @admin.display(description=_("Total"), ordering="total")
    def total_label(self, quotation: Quotation) -> str:
        return format_html('<bdi dir="ltr">{}</bdi>', money(quotation.total, quotation.currency))
