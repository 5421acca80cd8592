"""One view for every button of a case: show its form, check what was seen, call its service, show the refusal."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from apps.bookings.admin.actions import CaseAction, Press, Preview
from apps.bookings.admin.events import described
from apps.bookings.admin.forms import CaseForm
from apps.bookings.admin.quotation_form import LineFormSet, first_lines, line_data
from apps.bookings.admin.rows import action_url, case_url
from apps.bookings.models import Booking, BookingEvent
from apps.bookings.services.transition import lock
from medivoy.admin import words_of
from medivoy.api.refusals import tell_of_refusal
from medivoy.core.context import writing
from medivoy.core.errors import Conflict, DomainError


class CasePage(Protocol):
    """What the view needs of the page that it belongs to."""

    admin_site: Any

    def found(self, request: HttpRequest, object_id: str | UUID) -> Booking: ...


class CaseChanged(Conflict):
    """Somebody did something on the case after this screen was drawn."""

    code = "case_changed"


class ActionView:
    """Answers `/admin/bookings/booking/<id>/case/<code>/` for the actions of a table."""

    def __init__(self, actions: Mapping[str, CaseAction], page: CasePage) -> None:
        self.actions, self.page = actions, page

    def __call__(self, request: HttpRequest, booking_id: UUID, code: str) -> HttpResponse:
        action = self.actions.get(code)
        if action is None:
            raise Http404
        booking = self.page.found(request, booking_id)
        if not request.user.may(action.operation):
            raise PermissionDenied
        if request.method == "POST":
            return self.press(request, action, booking)
        return self.show(request, action, booking, self.form_of(action, booking, request))

    def form_of(self, action: CaseAction, booking: Booking, request: HttpRequest) -> CaseForm:
        data = request.POST if request.method == "POST" else None
        return action.form(data, booking=booking, user=request.user)

    def press(self, request: HttpRequest, action: CaseAction, booking: Booking) -> HttpResponse:
        """Do it, or show the same form again with what is wrong and all that was typed."""
        form = self.form_of(action, booking, request)
        lines = LineFormSet(request.POST, prefix="lines") if action.with_lines else None
        if not form.is_valid() or (lines is not None and not lines.is_valid()):
            return self.show(request, action, booking, form, lines=lines)
        press = Press(
            booking=booking,
            user=request.user,
            data={**form.cleaned_data, "confirmed": request.POST.get("confirmed", "")},
            lines=line_data(lines) if lines is not None else [],
            expected_status=request.POST.get("expected_status") or None,
        )
        try:
            if action.preview is not None:
                preview = action.preview(press)
                if press.data["confirmed"] != preview.token:
                    return self.show(request, action, booking, form, preview=preview)
            said = self.run(request, action, press)
        except DomainError as refusal:
            tell_of_refusal(request, refusal, entity="booking")
            return self.show(request, action, booking, form, lines=lines, refusal=refusal)
        messages.success(request, str(said if isinstance(said, str) else action.done or _("Done.")))
        return HttpResponseRedirect(case_url(booking))

    def run(self, request: HttpRequest, action: CaseAction, press: Press) -> Any:
        """Call the service, in the writing context unless it opens its own, if nothing happened since the screen."""
        seen = request.POST.get("seen", "")
        if action.own_transactions:
            _refuse_if_changed(press, seen)
            return action.run(press)
        with writing(request.user):
            lock(press.booking.pk)
            _refuse_if_changed(press, seen)
            return action.run(press)

    def show(
        self,
        request: HttpRequest,
        action: CaseAction,
        booking: Booking,
        form: CaseForm,
        *,
        lines: Any = None,
        preview: Preview | None = None,
        refusal: DomainError | None = None,
    ) -> HttpResponse:
        """Draw the form, as a page or as a dialog's content."""
        newest = _events_of(booking, request.user).first()
        seen = request.POST.get("seen", "")
        changed = _events_since(booking, request.user, seen) if refusal is not None else []
        if action.with_lines and lines is None:
            lines = LineFormSet(prefix="lines", initial=first_lines(booking, request.user))
        context = {
            "booking": booking,
            "form": form,
            "lines": lines,
            "preview": preview,
            "action_title": action.title,
            "action_url": action_url(booking, action.code),
            "case_url": case_url(booking),
            "is_danger": action.is_danger,
            "seen": newest.pk if newest else "",
            "changed": changed,
            "refusal": words_of(refusal) if refusal is not None and not changed else "",
        }
        if request.headers.get("X-Fragment"):
            return render(request, "console/action_form.html", context)
        site = self.page.admin_site.each_context(request)
        return TemplateResponse(
            request, "console/action.html", {**site, **context, "title": action.title, "opts": None}
        )


def _events_of(booking: Booking, user: Any) -> Any:
    """Return the case's events as far as this user reads them, newest first."""
    return BookingEvent.objects.visible_to(user).filter(booking=booking).order_by("-created_at", "-id")


def _events_since(booking: Booking, user: Any, seen: str) -> list[BookingEvent]:
    """Return what happened after the event that the screen ended with, newest first."""
    events = list(_events_of(booking, user).select_related("actor")[:20])
    keys = [str(event.pk) for event in events]
    return described(events[: keys.index(seen)]) if seen in keys else []


def _refuse_if_changed(press: Press, seen: str) -> None:
    if seen and _events_since(press.booking, press.user, seen):
        raise CaseChanged
