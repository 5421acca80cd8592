"""How an event of the timeline reads in the console."""

from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.bookings.models import BookingEvent
from apps.bookings.states import BookingStatus

# Which plain facts of an event are shown, and under which name; the rest is for machines.
FACT_LABELS: dict[str, Any] = {
    "payment": _("Payment"),
    "refund": _("Refund"),
    "invoice": _("Invoice"),
    "credit_note": _("Credit note"),
    "receipt": _("Receipt"),
    "number": _("Number"),
    "version": _("Version"),
    "amount": _("Amount"),
    "gateway": _("Gateway"),
    "state": _("State"),
    "status": _("State"),
    "type": _("Kind"),
    "wanted": _("Wanted"),
    "checklist": _("Checklist"),
    "asked_by": _("Asked by"),
    "coordinator": _("Coordinator"),
    "admitted_on": _("Admitted"),
    "discharged_on": _("Discharged"),
    "review_on": _("Review on"),
    "party": _("Party"),
    "outcome": _("Outcome"),
    "answered": _("Answered"),
    "reminder": _("Reminder"),
    "follow_up_at": _("Follow-up"),
}


def _shown(key: str, data: dict[str, Any]) -> str:
    """Return one fact in words."""
    value = data[key]
    if key == "amount":
        return f"{value} {data.get('currency', '')}".strip()
    if key == "follow_up_at":
        instant = parse_datetime(str(value))
        return date_format(localtime(instant), "j M Y H:i") if instant else str(value)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dict):
        return ", ".join(f"{name}: {state}" for name, state in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)[:80]


def state_name(status: str) -> str:
    """Return a state's name in the reader's language; nothing for no state."""
    return str(BookingStatus(status).label) if status in BookingStatus.values else ""


def described(events: list[BookingEvent]) -> list[BookingEvent]:
    """Return the events with `to_label` and `facts` for the templates."""
    for event in events:
        event.to_label = state_name(event.to_status)
        event.facts = [
            (label, _shown(key, event.data))
            for key, label in FACT_LABELS.items()
            if event.data.get(key) not in (None, "", [])
        ]
    return events
