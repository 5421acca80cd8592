"""What a patient takes away of their cases: what they may read there, and no word that was meant for others."""

from collections.abc import Iterator
from typing import Any

from apps.accounts.models import User
from apps.bookings.models import Booking, BookingEvent, Quotation, Review, TravelPlan
from apps.clinical.models import Patient
from medivoy.core.archive import Archive
from medivoy.core.money import format_amount

CASE = (
    "id",
    "booking_number",
    "booking_type",
    "status",
    "status_since",
    "created_at",
    "requested_date",
    "confirmed_date",
    "travellers",
    "currency",
    "payment_status",
    "medical_details",
    "notes",
    "waiting_on",
    "hold_reason",
    "review_on",
    "cancel_party",
    "cancel_reason",
    "policy_agreed",
    "admitted_on",
    "discharged_on",
    "outcome",
)
AMOUNTS = ("total_amount", "amount_paid", "amount_refunded", "amount_adjusted", "amount_kept", "balance")
TRAVEL = (
    "visa_status",
    "visa",
    "flights_status",
    "flights",
    "transfers_status",
    "transfers",
    "accommodation_status",
    "accommodation",
)


def add_cases(archive: Archive, patient: Patient) -> None:
    """Add the cases of a patient with their timelines as they read them, the quotations sent, and the reviews."""
    cases = Booking.objects.filter(patient=patient).for_list().order_by("created_at")
    archive.add_rows("bookings.json", (_case(case, patient.user) for case in cases.iterator()))
    archive.add_rows("quotations.json", _quotations(patient))
    archive.add_rows("reviews.json", _reviews(patient))


def _case(case: Booking, user: User) -> dict[str, Any]:
    amounts = {name: _amount(getattr(case, name), case.currency) for name in AMOUNTS}
    people = {
        "hospital": case.hospital.name,
        "treatment": case.treatment.name if case.treatment else None,
        "package": case.package.name if case.package else None,
        "doctor": case.doctor.user.get_full_name() if case.doctor else None,
        "coordinator": case.coordinator.get_full_name() if case.coordinator else None,
    }
    parts = {
        "milestones": [_milestone(row, case.currency) for row in case.milestones.all()],
        "wanted_documents": [
            {"type": row.type, "why": row.why, "state": row.state, "received_at": row.received_at}
            for row in case.wanted_documents.all()
        ],
        "travel": _travel(case),
        "timeline": [_event(event) for event in BookingEvent.objects.visible_to(user).filter(booking=case).for_list()],
    }
    return {name: getattr(case, name) for name in CASE} | people | amounts | parts


def _milestone(row: Any, currency: str) -> dict[str, Any]:
    return {
        "name": row.label,
        "amount": _amount(row.amount, currency),
        "due_date": row.due_date,
        "needed_for": row.needed_for,
        "state": row.state,
    }


def _travel(case: Booking) -> dict[str, Any] | None:
    plan = TravelPlan.objects.filter(booking=case).first()
    return {name: getattr(plan, name) for name in TRAVEL} if plan else None


def _event(event: BookingEvent) -> dict[str, Any]:
    """Return what happened and by whom: a name and a role, never an address."""
    return {
        "kind": event.kind,
        "when": event.created_at,
        "who": event.actor.get_full_name() if event.actor else None,
        "role": event.actor.user_type if event.actor else None,
        "from": event.from_status,
        "to": event.to_status,
        "reason": event.reason,
        "notes": event.notes,
        "data": event.data,
    }


def _quotations(patient: Patient) -> Iterator[dict[str, Any]]:
    sent = Quotation.objects.ever_sent().filter(booking__patient=patient).select_related("doctor__user", "acceptance")
    for quotation in sent.prefetch_related("lines").order_by("created_at"):
        acceptance = getattr(quotation, "acceptance", None)
        yield {
            "quotation_number": quotation.quotation_number,
            "booking_id": quotation.booking_id,
            "version": quotation.version_number,
            "status": quotation.status,
            "currency": quotation.currency,
            "tax_amount": _amount(quotation.tax_amount, quotation.currency),
            "total": _amount(quotation.total, quotation.currency),
            "doctor": quotation.doctor.user.get_full_name() if quotation.doctor else None,
            "admission_date": quotation.admission_date,
            "nights": quotation.nights,
            "exclusions": quotation.exclusions,
            "rests_on": quotation.rests_on,
            "valid_until": quotation.valid_until,
            "sent_at": quotation.sent_at,
            "decline_reason": quotation.decline_reason,
            "lines": [_line(line, quotation.currency) for line in quotation.lines.all()],
            "accepted_at": acceptance.created_at if acceptance else None,
            "accepted_from": acceptance.ip if acceptance and acceptance.person_id == patient.user_id else None,
        }


def _line(line: Any, currency: str) -> dict[str, Any]:
    return {
        "description": line.description,
        "kind": line.kind,
        "quantity": line.quantity,
        "unit_price": _amount(line.unit_price, currency),
        "amount": _amount(line.amount, currency),
    }


def _reviews(patient: Patient) -> Iterator[dict[str, Any]]:
    for review in Review.objects.filter(patient=patient).select_related("hospital", "doctor__user"):
        yield {
            "booking_id": review.booking_id,
            "hospital": review.hospital.name,
            "doctor": review.doctor.user.get_full_name() if review.doctor else None,
            "rating": review.rating,
            "review_text": review.review_text,
            "is_published": review.is_published,
            "created_at": review.created_at,
        }


def _amount(amount: Any, currency: str) -> str | None:
    return None if amount is None else format_amount(amount, currency)
