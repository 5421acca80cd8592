"""The hospital stay: travel begins, admission, discharge. Written by journey.make_move."""

from datetime import date
from typing import Any

from apps.accounts.models import User
from apps.bookings.models import Booking
from apps.bookings.services.news import tell
from apps.bookings.services.transition import move
from apps.bookings.states import BookingStatus, Outcome
from apps.clinical.services.consents import end_after
from medivoy.core import clock


def start_travel(
    booking: Booking, *, actor: User, notes: str, internal_notes: str, override_reason: str = "", **_given: Any
) -> None:
    """Begin to arrange the journey of a locked booking."""
    move(
        booking,
        BookingStatus.TRAVEL_ARRANGEMENT,
        actor=actor,
        notes=notes,
        internal_notes=internal_notes,
        **kept(override_reason),
    )


def admit(
    booking: Booking,
    *,
    actor: User,
    notes: str,
    internal_notes: str,
    admitted_on: date | None = None,
    override_reason: str = "",
    **_given: Any,
) -> None:
    """Write the admission of a locked booking; without a day it is today there."""
    day = admitted_on or booking.local_today()
    move(
        booking,
        BookingStatus.IN_TREATMENT,
        actor=actor,
        notes=notes,
        internal_notes=internal_notes,
        data={"admitted_on": day.isoformat()},
        admitted_on=day,
        **kept(override_reason),
    )


def kept(override_reason: str) -> dict[str, Any]:
    """Return what is written of an emergency in which a payment gate was passed."""
    return {"override_reason": override_reason} if override_reason else {}


def complete(
    booking: Booking,
    *,
    actor: User,
    notes: str,
    internal_notes: str,
    discharged_on: date | None = None,
    outcome: str = Outcome.TREATED,
    **_given: Any,
) -> None:
    """Write the discharge of a locked booking; without a day it is today there.

    After a death the patient's side hears nothing any more, and the admins are told.
    """
    day = discharged_on or booking.local_today()
    move(
        booking,
        BookingStatus.COMPLETED,
        actor=actor,
        notes=notes,
        internal_notes=internal_notes,
        data={"discharged_on": day.isoformat()},
        discharged_on=day,
        outcome=outcome,
    )
    end_after(booking, ended_at=clock.end_of_day(day, booking.hospital.timezone))
    if outcome == Outcome.DIED:
        tell(booking, "patient_died", actor=actor)
