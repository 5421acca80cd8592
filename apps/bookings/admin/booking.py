"""The cases: their list, and the screen of one."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from apps.billing.admin.case_actions import MONEY
from apps.bookings.admin import filters
from apps.bookings.admin.action_view import ActionView
from apps.bookings.admin.actions import MOVES, CaseAction
from apps.bookings.admin.bulk import BulkForm, assign_to, follow_up_on, remind
from apps.bookings.admin.case import case_context, load
from apps.bookings.admin.forms import AskDocumentsForm
from apps.bookings.admin.next_step import with_next_step
from apps.bookings.admin.papers import PAPERS, paper_of
from apps.bookings.admin.rows import action_url, local_time, service_name, urgency
from apps.bookings.admin.tools import TOOLS
from apps.bookings.models import Booking
from apps.bookings.moves import allowed_transitions
from apps.bookings.services.reads import note_details
from apps.bookings.states import AGREED, BookingStatus
from apps.clinical.models import MedicalRecord
from apps.clinical.services.reads import note_records
from medivoy.admin import ModelAdmin

ACTIONS: dict[str, CaseAction] = {action.code: action for action in [*MOVES, *TOOLS, *MONEY]}
ONE_CLICK = {code for code, action in ACTIONS.items() if action.is_one_click}


@admin.register(Booking)
class BookingAdmin(ModelAdmin):
    """Cases are moved by buttons; no state and no amount is ever typed here."""

    list_display = ["number", "who", "there", "what", "status_label", "waits", "due", "coordinator_name"]
    list_display_links = ["number"]
    list_filter: ClassVar[list[Any]] = [
        "status",
        "waiting_on",
        "payment_status",
        filters.OverdueFilter,
        filters.ExpiringFilter,
        filters.AgeFilter,
        "hospital",
        "coordinator",
        filters.CountryFilter,
        filters.LanguageFilter,
    ]
    search_fields = [
        "booking_number",
        "patient__user__first_name__unaccent",
        "patient__user__last_name__unaccent",
        "patient__user__email",
        "patient__user__phone",
        "invoice__invoice_number",
        "payments__transaction_id",
        "bank_receipts__reference",
    ]
    search_help_text = _("Number, name, phone, e-mail, invoice, bank reference")
    ordering = ["due_at", "-created_at"]
    actions = [assign_to, follow_up_on, remind]
    action_form = BulkForm
    list_fullwidth = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_next_step(super().get_queryset(request).for_list())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody edits a case's fields in a form; the screen's buttons ask for their own rights."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A request comes by the API, where the patient or a coordinator makes it."""
        return False

    def has_assign_permission(self, request: HttpRequest) -> bool:
        """Whether the bulk actions are offered: whoever may change a case."""
        return request.user.may("booking.partial_update")

    def get_urls(self) -> list[URLPattern]:
        view = ActionView(ACTIONS, self)
        case = [
            path(
                "<uuid:booking_id>/case/<slug:code>/",
                self.admin_site.admin_view(view),
                name="bookings_booking_action",
            )
        ]
        papers = [
            path(
                f"<uuid:booking_id>/{kind}/<uuid:key>.pdf",
                self.admin_site.admin_view(self.paper),
                {"kind": kind},
                name=f"bookings_booking_{kind}_pdf",
            )
            for kind in PAPERS
        ]
        return [*case, *papers, *super().get_urls()]

    def paper(self, request: HttpRequest, booking_id: UUID, kind: str, key: UUID) -> HttpResponse:
        """One of the case's PDFs, for whoever may see the case."""
        return paper_of(request, self.found(request, booking_id), kind, key)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The case screen; it only reads."""
        if request.method == "POST":
            raise PermissionDenied
        booking = self.found(request, object_id)
        return self.screen(request, booking, extra_context or {})

    def found(self, request: HttpRequest, object_id: str | UUID) -> Booking:
        """Return the case if this user may see it; 403 without the right, 404 without the case."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            key = UUID(str(object_id))
        except ValueError as error:
            raise Http404 from error
        booking = load(request, key)
        if booking is None:
            raise Http404
        return booking

    def screen(self, request: HttpRequest, booking: Booking, extra: dict[str, Any]) -> TemplateResponse:
        moves = allowed_transitions(booking, request.user)
        case = case_context(request, booking, moves)
        self.note_reading(request, booking, [item.record for item in case["wanted"] if item.record])
        context = {
            **self.admin_site.each_context(request),
            **case,
            "title": booking.booking_number,
            "opts": None,
            "one_click": ONE_CLICK,
            "is_fullwidth": "1",
            "history_url": self.history_of(request, booking),
            **self._inline_forms(request, booking),
            **extra,
        }
        return TemplateResponse(request, "console/case.html", context)

    @staticmethod
    def note_reading(request: HttpRequest, booking: Booking, records: list[MedicalRecord]) -> None:
        """Let the audit trail know what the screen shows of the patient's health (T61)."""
        note_details(booking, reader=request.user)
        if request.user.may("clinical.view_medicalrecord"):
            note_records(records, reader=request.user)

    def _inline_forms(self, request: HttpRequest, booking: Booking) -> dict[str, Any]:
        """Return the addresses and forms that stand on the screen itself, so that they need no extra click."""
        asks = booking.status == BookingStatus.ACCEPTED and request.user.may("booking.status")
        return {
            "ask_form": AskDocumentsForm(booking=booking, user=request.user) if asks else None,
            "ask_url": action_url(booking, "awaiting_medical_details"),
            "entry_url": action_url(booking, "entry"),
            "travel_url": action_url(booking, "travel"),
            "can_edit_travel": booking.is_open
            and booking.stage in AGREED
            and request.user.may("booking.update_travel"),
            "extend_url": action_url(booking, "extend"),
        }

    # --- columns -------------------------------------------------------------------------------------------------

    @admin.display(description=_("Case"), ordering="booking_number")
    def number(self, booking: Booking) -> str:
        return format_html('<bdi dir="ltr">{}</bdi>', booking.booking_number)

    @admin.display(description=_("Patient"), ordering="patient__user__last_name")
    def who(self, booking: Booking) -> str:
        user = booking.patient.user
        return format_html("{}<br><small>{} · {}</small>", user, booking.patient.country.name, user.preferred_language)

    @admin.display(description=_("There now"))
    def there(self, booking: Booking) -> str:
        return local_time(booking.patient.user.timezone)

    @admin.display(description=_("Treatment"))
    def what(self, booking: Booking) -> str:
        return format_html("{}<br><small>@ {}</small>", service_name(booking), booking.hospital.name)

    @admin.display(description=_("State"), ordering="status")
    def status_label(self, booking: Booking) -> str:
        return booking.get_status_display()

    @admin.display(description=_("Waiting on"), ordering="waiting_on")
    def waits(self, booking: Booking) -> str:
        return booking.get_waiting_on_display()

    @admin.display(description=_("Due"), ordering="due_at")
    def due(self, booking: Booking) -> str:
        late = urgency(booking)
        return format_html('<span class="mv-due is-{}">{}</span>', late.level, late.word)

    @admin.display(description=_("Coordinator"), ordering="coordinator__first_name")
    def coordinator_name(self, booking: Booking) -> str:
        return str(booking.coordinator) if booking.coordinator else "—"
