"""A case as one line reads: whose it is, where it stands, whose turn it is and how late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from apps.bookings.admin.next_step import Step, next_step
from apps.bookings.models import Booking
from medivoy.core import clock

GREEN, AMBER, RED = "green", "amber", "red"


@dataclass(frozen=True, slots=True)
class Urgency:
    """How late a case is: a colour, and always a word."""

    level: str
    word: str


def urgency(booking: Booking) -> Urgency:
    """Return how late the case is now."""
    now = clock.now()
    if booking.due_at is None:
        return Urgency(GREEN, _("no date"))
    if booking.due_at <= now:
        return Urgency(RED, _("late by %(span)s") % {"span": span(now - booking.due_at)})
    level = AMBER if booking.amber_at and booking.amber_at <= now else GREEN
    return Urgency(level, _("due in %(span)s") % {"span": span(booking.due_at - now)})


def span(length: timedelta) -> str:
    """Return a length of time in its largest unit, in the reader's language."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        return ngettext("%(n)d hour", "%(n)d hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)d day", "%(n)d days", minutes // 1440) % {"n": minutes // 1440}


def local_time(zone: str, instant: datetime | None = None) -> str:
    """Return the clock's face in a zone, with its weekday: `Mon 14:05`."""
    there = (instant or clock.now()).astimezone(ZoneInfo(zone))
    return date_format(there, "D H:i")


def language_name(code: str) -> str:
    """Return a language's name in the reader's language."""
    return str(get_language_info(code)["name_translated"])


def case_url(booking: Booking) -> str:
    return reverse("admin:bookings_booking_change", args=[booking.pk])


def action_url(booking: Booking, action: str) -> str:
    return reverse("admin:bookings_booking_action", args=[booking.pk, action])


@dataclass(frozen=True, slots=True)
class CaseRow:
    """What every list of cases shows of one."""

    booking: Booking
    url: str
    patient: str
    country: str
    language: str
    there: str
    service: str
    hospital: str
    status: str
    waiting_on: str
    waiting_for: str
    urgency: Urgency
    step: Step | None
    step_url: str


def case_row(booking: Any) -> CaseRow:
    """Return the line of a booking that came from `for_list()` and `with_next_step()`; asks the database nothing."""
    user = booking.patient.user
    step = next_step(booking)
    since = booking.waiting_since or booking.status_since
    return CaseRow(
        booking=booking,
        url=case_url(booking),
        patient=str(booking.patient),
        country=booking.patient.country.name if booking.patient.country else "",
        language=language_name(user.preferred_language),
        there=local_time(user.timezone),
        service=service_name(booking),
        hospital=booking.hospital.name,
        status=booking.get_status_display(),
        waiting_on=booking.get_waiting_on_display(),
        waiting_for=span(clock.now() - since),
        urgency=urgency(booking),
        step=step,
        step_url=action_url(booking, step.action) if step else "",
    )


def service_name(booking: Booking) -> str:
    """Return what the case is about: the treatment, the package, or an opinion."""
    thing = booking.treatment or booking.package
    return str(thing) if thing else booking.get_booking_type_display()
