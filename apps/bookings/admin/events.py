"""How an event of the timeline reads in the console."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.bookings.models import BookingEvent
from apps.bookings.states import BookingStatus

# Which plain facts of an event are shown, and under which name; the rest is for machines.
FACT_LABELS: dict[str, Any] = {
    "number": _("Number"),
    "version": _("Version"),
    "amount": _("Amount"),
    "currency": _("Currency"),
    "total": _("Total"),
    "gateway": _("Gateway"),
    "title": _("Title"),
    "type": _("Kind"),
    "channel": _("Channel"),
    "from_date": _("From"),
    "to_date": _("To"),
    "asked_by": _("Asked by"),
    "answered": _("Answered"),
    "coordinator": _("Coordinator"),
    "admitted_on": _("Admitted"),
    "discharged_on": _("Discharged"),
    "outcome": _("Outcome"),
    "override_reason": _("Emergency override"),
    "refund": _("Refund"),
    "kept": _("Kept"),
}


def state_name(status: str) -> str:
    """Return a state's name in the reader's language; nothing for no state."""
    return str(BookingStatus(status).label) if status in BookingStatus.values else ""


def described(events: list[BookingEvent]) -> list[BookingEvent]:
    """Return the events with `to_label` and `facts` for the templates."""
    for event in events:
        event.to_label = state_name(event.to_status)
        event.facts = [
            (label, event.data[key]) for key, label in FACT_LABELS.items() if event.data.get(key) not in (None, "")
        ]
    return events
