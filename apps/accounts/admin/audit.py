"""The audit trail's place in the console: nobody adds, changes or removes an entry (T61)."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from apps.accounts.admin.trail import show_entry, show_trail
from apps.accounts.models import AuditEntry
from medivoy.admin import ModelAdmin, ReadOnly


@admin.register(AuditEntry)
class AuditPage(ReadOnly, ModelAdmin):
    """Shows what apps/accounts/admin/trail.py shows; every other page of a model is shut."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        self._only_reads(request)
        return show_trail(request, self.admin_site.each_context(request))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._only_reads(request)
        return show_entry(request, self.admin_site.each_context(request), object_id)

    @staticmethod
    def _only_reads(request: HttpRequest) -> None:
        if request.method == "POST":
            raise PermissionDenied
