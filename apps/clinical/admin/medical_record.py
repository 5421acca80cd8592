"""Medical records in the console: a list and a page to read, for coordinators, of patients with an open case."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.clinical.api.downloads import private_file
from apps.clinical.models import MedicalRecord
from apps.clinical.services.reads import DOWNLOAD, FILE, note_records
from medivoy.admin import ModelAdmin


@admin.register(MedicalRecord)
class MedicalRecordPage(ModelAdmin):
    """Read only; the file itself comes as a download, by the same rules as everywhere."""

    list_display = ("title", "patient", "record_type", "record_date", "shown_size", "created_at")
    list_filter = ("record_type", "file_type")
    list_select_related = ("patient__user",)
    search_fields = ("title", "patient__user__first_name", "patient__user__last_name", "patient__user__email")
    ordering = ("-created_at",)
    fields = (
        ("title", "record_type"),
        ("patient", "booking"),
        "description",
        ("record_date", "is_shared_with_doctors"),
        ("uploaded_by_user", "created_at"),
        ("file_type", "shown_size"),
        "download",
    )
    readonly_fields = ("shown_size", "download", "created_at")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.file_view)
        return [path("<uuid:object_id>/file/", view, name="clinical_medicalrecord_file"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list names the findings, so each of its lines is a reading (T61)."""
        page = super().changelist_view(request, extra_context)
        shown = getattr(page, "context_data", None) or {}
        if "cl" in shown:
            note_records(shown["cl"].result_list, reader=request.user)
        return page

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        if (record := kwargs.get("obj")) is not None:
            note_records([record], reader=request.user)
        return super().render_change_form(request, context, *args, **kwargs)

    def file_view(self, request: HttpRequest, object_id: Any) -> HttpResponseBase:
        """The file, for whoever may see the page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        record = self.get_object(request, str(object_id))
        if record is None or not record.file.storage.exists(record.file.name):
            raise Http404
        note_records([record], reader=request.user, action=DOWNLOAD, fields=[FILE])
        return private_file(record)

    @display(description=_("size"), ordering="file_size")
    def shown_size(self, record: MedicalRecord) -> str:
        return filesizeformat(record.file_size)

    @display(description=_("file"))
    def download(self, record: MedicalRecord) -> SafeString:
        address = reverse("admin:clinical_medicalrecord_file", args=[record.pk])
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', address, _("Download"))
