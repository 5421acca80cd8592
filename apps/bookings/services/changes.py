"""What may still be changed on a case by hand, and until when. Never its state, never an amount."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.models import Booking, EventKind, Visibility
from apps.bookings.services.assignment import hand_over
from apps.bookings.services.dates import reschedule
from apps.bookings.services.details import receive_in_words
from apps.bookings.services.follow_ups import set_follow_up
from apps.bookings.services.news import tell
from apps.bookings.services.offers import check_choice, check_doctor
from apps.bookings.services.transition import lock, record, refresh_waiting
from apps.bookings.states import BEFORE_CONFIRMED, BookingStatus
from medivoy.core.errors import GuardFailed, InvalidInput

BEFORE_ANSWER = (BookingStatus.REQUESTED, BookingStatus.UNDER_REVIEW)
# Field → the stages in which it may still be changed (contract.md, PATCH /bookings/:id).
UNTIL = {
    "treatment": BEFORE_ANSWER,
    "package": BEFORE_ANSWER,
    "requested_date": BEFORE_ANSWER,
    "travellers": BEFORE_ANSWER,
    "medical_details": BEFORE_CONFIRMED,
    "notes": BEFORE_CONFIRMED,
    "doctor": BEFORE_CONFIRMED,
}
IN_WORDS = ("medical_details", "notes")


@transaction.atomic
def update_booking(booking: Booking, *, actor: User, **changes: Any) -> Booking:
    """Write `changes` as far as it is not too late for them; each part stands on the timeline. Nothing new writes
    nothing.

    Rows: treatment, package, doctor, coordinator. Days: requested_date; confirmed_date with asked_by and reason.
    Besides: travellers, medical_details, notes, internal_notes, follow_up_at, follow_up_note. Which of them a role
    sends at all is the door's business. Raises InvalidInput; GuardFailed too_late, not_confirmed.
    """
    booking = lock(booking.pk)
    _write_fields(
        booking, actor, {name: value for name, value in changes.items() if name in (*UNTIL, "internal_notes")}
    )
    if changes.get("coordinator"):
        booking = hand_over(booking, to=changes["coordinator"], actor=actor)
    if changes.get("confirmed_date"):
        booking = reschedule(
            booking,
            confirmed_date=changes["confirmed_date"],
            asked_by=changes.get("asked_by", ""),
            reason=changes.get("reason", ""),
            actor=actor,
        )
    if "follow_up_at" in changes or "follow_up_note" in changes:
        at, note = (changes.get(name, getattr(booking, name)) for name in ("follow_up_at", "follow_up_note"))
        booking = set_follow_up(booking, at=at, note=note, actor=actor)
    return booking


def _write_fields(booking: Booking, actor: User, wanted: dict[str, Any]) -> None:
    changed = {name: value for name, value in wanted.items() if getattr(booking, name) != value}
    if not changed:
        return
    _check(booking, changed)
    if any(booking.stage not in UNTIL[name] for name in changed if name in UNTIL):
        raise GuardFailed(_("It is too late to change this."), code="too_late")
    before = booking.requested_date
    for name, value in changed.items():
        setattr(booking, name, value)
    booking.save(update_fields=list(changed))
    _record(booking, actor, changed, before)
    by_patient = booking.patient.user_id == actor.pk
    if by_patient and any(name in changed for name in IN_WORDS) and receive_in_words(booking):
        tell(booking, "document_received", actor=actor)
    refresh_waiting(booking)


def _check(booking: Booking, changed: dict[str, Any]) -> None:
    errors: dict[str, list[Any]] = {}
    if "treatment" in changed or "package" in changed:
        choice = {name: changed.get(name, getattr(booking, name)) for name in ("treatment", "package")}
        errors |= check_choice(booking.hospital, booking.booking_type, **choice)
    if "doctor" in changed:
        errors |= check_doctor(booking.hospital, changed["doctor"])
    day = changed.get("requested_date")
    if day and day < booking.local_today():
        errors["requested_date"] = [_("This day is over at the hospital.")]
    if errors:
        raise InvalidInput(errors)


def _record(booking: Booking, actor: User, changed: dict[str, Any], before: Any) -> None:
    """Say on the timeline what was changed: a day as from and to, the rest by name alone."""
    if "requested_date" in changed:
        days = {"from": before, "to": booking.requested_date}
        data = {name: day.isoformat() if day else None for name, day in days.items()}
        record(booking, EventKind.DATE, actor=actor, data={"field": "requested_date"} | data)
    for_staff = [name for name in changed if name == "internal_notes"]
    for_all = [name for name in changed if name not in ("internal_notes", "requested_date")]
    if for_all:
        record(booking, EventKind.NOTE, actor=actor, data={"changed": sorted(for_all)})
    if for_staff:
        record(booking, EventKind.NOTE, actor=actor, visibility=Visibility.STAFF, data={"changed": for_staff})
