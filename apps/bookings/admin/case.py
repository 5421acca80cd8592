"""The case screen's content: read once, with the same number of queries for a case of one day or of one year."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.billing.states import RefundState
from apps.bookings.admin.events import described
from apps.bookings.admin.next_step import Step, next_step, with_next_step
from apps.bookings.admin.rows import action_url, case_row, language_name, local_time
from apps.bookings.models import (
    Booking,
    BookingEvent,
    Milestone,
    MilestoneState,
    Quotation,
    TravelPlan,
    WantedDocument,
)
from apps.bookings.policies import reads_medical_details
from apps.bookings.services.money import amount_due
from apps.bookings.services.nudge import can_be_reminded
from apps.bookings.states import BEFORE_CONFIRMED, BEFORE_TREATMENT, STEPS, BookingStatus, QuotationStatus
from medivoy.core import clock

# The refunds that somebody may send back by bank.
SENT_BY_HAND = {RefundState.APPROVED, RefundState.PROCESSING, RefundState.FAILED}
# What a button of the money column asks of roles.py, where it is more than to confirm a transfer.
MONEY_OPERATIONS = {
    "payment_link": "payment.create",
    "waive": "milestone.waive",
    "approve_refund": "refund.approve",
    "reject_refund": "refund.approve",
    "retry_refund": "payment.refund",
    "refund_by_bank": "payment.refund",
    "refund": "payment.refund",
    "resend_invoice": "invoice.send",
}


@dataclass(frozen=True, slots=True)
class OtherMove:
    """A move of this state; a blocked one says why in a sentence."""

    code: str
    label: str
    url: str
    blocked_because: str


def case_context(request: HttpRequest, booking: Booking, moves: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the template `console/case.html` draws."""
    row = case_row(booking)
    events = described(
        list(
            BookingEvent.objects.visible_to(request.user)
            .filter(booking=booking)
            .select_related("actor")
            .order_by("-created_at", "-id")
        )
    )
    return {
        "booking": booking,
        "row": row,
        "age": age(booking.patient.date_of_birth),
        "language": language_name(booking.patient.user.preferred_language),
        "hospital_time": local_time(booking.hospital.timezone),
        "steps": steps(booking),
        "days_to_admission": days_to(booking),
        "primary": primary(booking, moves),
        "moves": other_moves(booking, moves),
        "tools": tools(booking),
        "wanted": list(
            WantedDocument.objects.visible_to(request.user).filter(booking=booking).select_related("record__patient")
        ),
        "reads_medical_details": reads_medical_details(request.user, booking),
        "travel": TravelPlan.objects.visible_to(request.user).filter(booking=booking).first(),
        "events": events,
        "seen": events[0].pk if events else "",
        **money(booking, request.user),
    }


def load(request: HttpRequest, booking_id: Any) -> Booking | None:
    """Return the case with the rows beside it, if this user may see it."""
    return with_next_step(Booking.objects.visible_to(request.user).for_moves()).filter(pk=booking_id).first()


def age(born: date | None) -> int | None:
    """Return the age in whole years today."""
    if born is None:
        return None
    today = clock.today()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def days_to(booking: Booking) -> int | None:
    """Return the days from today at the hospital to the admission."""
    return (booking.confirmed_date - booking.local_today()).days if booking.confirmed_date else None


def steps(booking: Booking) -> list[dict[str, Any]]:
    """Return the line of steps with those that are behind and the one that is now."""
    here = booking.held_from or booking.status
    reached = STEPS.index(BookingStatus(here)) if here in STEPS else -1
    return [
        {"label": step.label, "is_done": index < reached, "is_now": index == reached}
        for index, step in enumerate(STEPS)
    ]


def primary(booking: Booking, moves: list[dict[str, Any]]) -> dict[str, str] | None:
    """Return the one primary button; None where the next step is a move that is blocked."""
    step: Step | None = next_step(booking)
    blocked = {move["status"] for move in moves if not move["allowed"]}
    if step is None or step.action in blocked:
        return None
    return {"label": str(step.label), "url": action_url(booking, step.action), "code": step.action}


def other_moves(booking: Booking, moves: list[dict[str, Any]]) -> list[OtherMove]:
    """Return every move of this state, the blocked ones with their sentence."""
    found = []
    for move in moves:
        code = "resume" if booking.status == BookingStatus.ON_HOLD and move["status"] == booking.held_from else ""
        code = code or move["status"]
        found.append(
            OtherMove(
                code=code,
                label=_("Resume") if code == "resume" else str(move["label"]),
                url=action_url(booking, code),
                blocked_because="" if move["allowed"] else str(move["reason"]),
            )
        )
    return found


def tools(booking: Booking) -> list[dict[str, str]]:
    """Return the buttons that are no moves and make sense now, with their keys."""
    offered = [("follow_up", _("Follow up"), "f"), ("hand_over", _("Hand over"), "")]
    if booking.stage in BEFORE_CONFIRMED and booking.is_open:
        offered.insert(0, ("draft_quotation", _("New quotation version"), "q"))
    if booking.confirmed_date and booking.stage in BEFORE_TREATMENT and booking.is_open:
        offered.append(("reschedule", _("Reschedule"), ""))
    if can_be_reminded(booking):
        offered.append(("remind", _("Remind"), ""))
    return [
        {"label": label, "url": action_url(booking, code), "key": key, "code": code} for code, label, key in offered
    ]


def money(booking: Booking, user: Any) -> dict[str, Any]:
    """Return the right column: milestones, payments, refunds, invoice, and the two newest quotations."""
    milestones = list(Milestone.objects.visible_to(user).filter(booking=booking))
    versions = list(
        Quotation.objects.visible_to(user)
        .filter(booking=booking)
        .prefetch_related("lines")
        .select_related("doctor__user")
        .order_by("-version_number")[:2]
    )
    payments = list(booking.payments.select_related("receipt").order_by("created_at"))
    refunds = list(booking.refunds.select_related("payment").order_by("created_at"))
    invoice = booking.invoice if hasattr(booking, "invoice") else None
    return {
        "milestones": milestones,
        "amount_due": amount_due(booking, milestones),
        "payments": payments,
        "refunds": refunds,
        "invoice": invoice,
        "quotation": versions[0] if versions else None,
        "quotation_before": versions[1] if len(versions) > 1 else None,
        "compared": compare(versions),
        "quotation_days_left": _days_left(booking, versions[0]) if versions else None,
        "money_tools": money_tools(booking, milestones=milestones, payments=payments, refunds=refunds, user=user),
    }


def _days_left(booking: Booking, quotation: Quotation) -> int | None:
    if quotation.status != QuotationStatus.SENT:
        return None
    return (quotation.valid_until - booking.local_today()).days


def compare(versions: list[Quotation]) -> list[dict[str, Any]]:
    """Return the newest version's lines beside those of the version before, by description."""
    if not versions:
        return []
    now = {line.description: line for line in versions[0].lines.all()}
    before = {line.description: line for line in versions[1].lines.all()} if len(versions) > 1 else {}
    return [
        {
            "description": text,
            "now": now.get(text),
            "before": before.get(text),
            "changed": bool(before) and _price(now.get(text)) != _price(before.get(text)),
        }
        for text in dict.fromkeys([*now, *before])
    ]


def _price(line: Any) -> Any:
    return (line.quantity, line.unit_price, line.kind) if line else None


def money_tools(
    booking: Booking, *, milestones: list[Milestone], payments: list[Any], refunds: list[Any], user: Any
) -> list[dict[str, str]]:
    """Return the buttons of the money column that make sense now and that the user may press."""
    agreed = booking.total_amount is not None
    states = {RefundState(refund.status) for refund in refunds}
    offered = [
        ("payment_link", _("Payment link"), agreed and booking.balance > 0),
        ("record_receipt", _("Record a receipt"), agreed),
        ("adjust", _("Adjust"), agreed),
        ("waive", _("Waive a milestone"), any(step.state == MilestoneState.DUE for step in milestones)),
        ("refund", _("Refund"), booking.net_paid > 0),
        ("approve_refund", _("Approve a refund"), RefundState.REQUESTED in states),
        ("reject_refund", _("Reject a refund"), bool(states & {RefundState.REQUESTED, RefundState.FAILED})),
        ("retry_refund", _("Retry a refund"), RefundState.FAILED in states),
        ("refund_by_bank", _("Refunded by bank"), bool(states & SENT_BY_HAND)),
        ("set_aside", _("Set the mismatch aside"), any(payment.mismatch for payment in payments)),
        ("accept_proof", _("Accept the proof"), booking.cancel_proof_wanted),
        ("refuse_proof", _("Refuse the proof"), booking.cancel_proof_wanted),
        ("resend_invoice", _("Resend the invoice"), hasattr(booking, "invoice")),
    ]
    return [
        {"label": label, "url": action_url(booking, code), "code": code}
        for code, label, makes_sense in offered
        if makes_sense and user.may(MONEY_OPERATIONS.get(code, "payment.confirm"))
    ]
