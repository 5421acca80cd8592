"""Telling the people of a case: who they are is found here, who of them hears is notifications' table."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.bookings.models import Booking
from apps.bookings.states import BookingStatus
from apps.notifications.services.outbox import notify

NOTHING: Mapping[str, Any] = {}

# What each move is called in notifications/events.py. The return from hold has a name of its own.
NEWS_OF_MOVE: dict[str, str] = {
    BookingStatus.UNDER_REVIEW: "booking_under_review",
    BookingStatus.ACCEPTED: "booking_accepted",
    BookingStatus.REJECTED: "booking_rejected",
    BookingStatus.AWAITING_MEDICAL_DETAILS: "details_wanted",
    BookingStatus.QUOTATION_SENT: "quotation_sent",
    BookingStatus.CONFIRMED: "booking_confirmed",
    BookingStatus.PAYMENT_PENDING: "payment_pending",
    BookingStatus.PAYMENT_COMPLETED: "payment_completed",
    BookingStatus.INVOICE_SENT: "invoice_sent",
    BookingStatus.TRAVEL_ARRANGEMENT: "travel_arrangement",
    BookingStatus.IN_TREATMENT: "in_treatment",
    BookingStatus.COMPLETED: "booking_completed",
    BookingStatus.FEEDBACK_RECEIVED: "feedback_received",
    BookingStatus.ON_HOLD: "booking_on_hold",
    BookingStatus.CANCELLED: "booking_cancelled",
}
RESUMED = "booking_resumed"


def tell(
    booking: Booking,
    event: str,
    *,
    actor: User | None = None,
    context: Mapping[str, Any] = NOTHING,
    attachments: Iterable[tuple[str, UUID]] = (),
    event_id: UUID | None = None,
) -> int:
    """Tell the people of the case about `event`, in the caller's transaction; return how many rows that made.

    `context` is what the texts name beside the number: never a note, a reason or a diagnosis. After a death the
    patient's side hears nothing any more (domain.md, completed).
    """
    admins = User.objects.admins()
    people: dict[str, Iterable[User | None]] = {
        # A case that nobody looks after is the admins': no news of it is lost.
        "coordinator": [booking.coordinator] if booking.coordinator else admins,
        "hospital": [booking.hospital.admin_user],
        "admins": admins,
    }
    if not booking.has_ended_in_death:
        people["patient"] = [booking.patient.user]
    return notify(
        event,
        to=people,
        actor=actor,
        reference=("booking", booking.pk),
        context={"number": booking.booking_number, **context},
        attachments=attachments,
        event_id=event_id,
    )


def tell_of_move(booking: Booking, *, source: str, actor: User | None) -> None:
    """Tell of the move that the booking has just made from `source`."""
    resumed = source == BookingStatus.ON_HOLD and booking.status != BookingStatus.CANCELLED
    tell(booking, RESUMED if resumed else NEWS_OF_MOVE[booking.status], actor=actor)
