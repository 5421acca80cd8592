"""Cancellation policies: the platform's and the hospitals', edited by admins."""

from django.contrib import admin

from apps.bookings.models import CancellationPolicy, CancellationTier
from medivoy.admin import ModelAdmin, TabularInline


class TierInline(TabularInline):
    model = CancellationTier
    extra = 0


@admin.register(CancellationPolicy)
class CancellationPolicyAdmin(ModelAdmin):
    """A change holds for later acceptances only: what was agreed is a copy in the booking."""

    list_display = ["name", "hospital"]
    fields = ["name", "hospital"]
    inlines = [TierInline]
