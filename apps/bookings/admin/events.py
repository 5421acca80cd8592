"""How an event of the timeline reads in the console."""

from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.billing.models import GatewayCode
from apps.billing.states import InvoiceState, PaymentState, RefundState
from apps.bookings.models import BookingEvent, ItemStatus, VisaStatus
from apps.bookings.states import BookingStatus, CancelReason, HoldReason, Outcome, Party, QuotationStatus
from apps.bookings.templatetags.console import money
from apps.clinical.models import RecordType

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


# The codes that stand in an event's facts, as people read them.
CODES: dict[str, Any] = {
    code: label
    for choices in (
        GatewayCode,
        InvoiceState,
        PaymentState,
        RefundState,
        QuotationStatus,
        ItemStatus,
        VisaStatus,
        RecordType,
        Party,
        Outcome,
    )
    for code, label in choices.choices
}
# A free text is its own name.
REASONS: dict[str, Any] = dict([*CancelReason.choices, *HoldReason.choices])
CHECKLIST = {
    "visa": _("Visa"),
    "flights": _("Flights"),
    "transfers": _("Transfers"),
    "accommodation": _("Accommodation"),
}


def _shown(key: str, data: dict[str, Any]) -> str:
    """Return one fact in words."""
    value = data[key]
    if key == "amount":
        return money(Decimal(str(value)), data["currency"]) if data.get("currency") else str(value)
    if key == "follow_up_at":
        instant = parse_datetime(str(value))
        return date_format(localtime(instant), "j M Y H:i") if instant else str(value)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dict):
        return ", ".join(f"{CHECKLIST.get(name, name)}: {CODES.get(state, state)}" for name, state in value.items())
    values = value if isinstance(value, list) else [value]
    return ", ".join(str(CODES.get(one, one) if isinstance(one, str) else one)[:80] for one in values)


def state_name(status: str) -> str:
    """Return a state's name in the reader's language; nothing for no state."""
    return str(BookingStatus(status).label) if status in BookingStatus.values else ""


def described(events: list[BookingEvent]) -> list[BookingEvent]:
    """Return the events with `to_label`, `reason_label` and `facts` for the templates."""
    for event in events:
        event.reason_label = REASONS.get(event.reason, event.reason)
        event.to_label = state_name(event.to_status)
        event.facts = [
            (label, _shown(key, event.data))
            for key, label in FACT_LABELS.items()
            if event.data.get(key) not in (None, "", [])
        ]
    return events
