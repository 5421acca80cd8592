"""Emergency accesses in the console: who opened whose records and why, for those who watch over it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.clinical.models import EmergencyAccess
from medivoy.admin import ModelAdmin, ReadOnly


@admin.register(EmergencyAccess)
class EmergencyAccessPage(ReadOnly, ModelAdmin):
    """Read only, newest first; what was read by it stands in the audit trail."""

    list_display = ("user", "patient", "created_at", "ends_at", "reason")
    list_filter = ("user",)
    list_select_related = ("user", "patient__user")
    search_fields = ("user__first_name", "user__last_name", "user__email")
    search_help_text = _("Name or e-mail of who opened it")
    ordering = ("-created_at",)
    fields = ("user", "patient", "reason", ("created_at", "ends_at"))
    readonly_fields = ("created_at",)
