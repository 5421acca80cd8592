"""What can be done with several cases at once: assign, follow up, remind. Never a move."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.bookings.admin.forms import FOLLOW_UPS, DayField, day_input, follow_up_day
from apps.bookings.admin.tools import morning_of
from apps.bookings.models import Booking
from apps.bookings.services.assignment import hand_over
from apps.bookings.services.follow_ups import set_follow_up
from apps.bookings.services.nudge import remind_now
from medivoy.admin import words_of
from medivoy.core import clock
from medivoy.core.errors import DomainError


class BulkForm(ActionForm):
    """Beside the choice of the action: to whom, and when."""

    coordinator = forms.ModelChoiceField(label=_("To"), required=False, queryset=User.objects.none())
    when = forms.ChoiceField(label=_("When"), required=False, choices=FOLLOW_UPS)
    day = DayField(label=_("Date"), required=False, widget=day_input())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["coordinator"].queryset = User.objects.coordinators().active().order_by("first_name", "last_name")


def _each(request: HttpRequest, cases: Iterable[Booking], act: Callable[[Booking], Any]) -> None:
    """Do it case by case; one that refuses is named and does not hold up the others."""
    done = 0
    for booking in cases:
        try:
            done += bool(act(booking))
        except DomainError as refusal:
            messages.error(request, f"{booking.booking_number}: {words_of(refusal)}")
    messages.success(request, ngettext("Done for %(n)d case.", "Done for %(n)d cases.", done) % {"n": done})


def _given(request: HttpRequest) -> dict[str, Any]:
    form = BulkForm(request.POST)
    form.fields["action"].choices = [(request.POST.get("action", ""), "")]
    return form.cleaned_data if form.is_valid() else {}


@admin.action(description=_("Assign to the chosen coordinator"), permissions=["assign"])
def assign_to(page: Any, request: HttpRequest, cases: QuerySet[Booking]) -> None:
    """Hand the selected cases to one coordinator."""
    to = _given(request).get("coordinator")
    if to is None:
        messages.error(request, str(_("Choose a coordinator.")))
        return
    _each(request, cases, lambda booking: hand_over(booking, to=to, actor=request.user))


@admin.action(description=_("Set a follow-up"), permissions=["assign"])
def follow_up_on(page: Any, request: HttpRequest, cases: QuerySet[Booking]) -> None:
    """Set the same follow-up on the selected cases."""
    given = _given(request)
    day = follow_up_day(given.get("when", ""), clock.today(request.user.timezone), given.get("day"))
    at = morning_of(day, request.user) if day else None
    _each(request, cases, lambda booking: set_follow_up(booking, at=at, actor=request.user))


@admin.action(description=_("Remind, once a day at most"), permissions=["assign"])
def remind(page: Any, request: HttpRequest, cases: QuerySet[Booking]) -> None:
    """Remind those on whom the selected cases wait."""
    _each(request, cases, lambda booking: remind_now(booking, actor=request.user))
