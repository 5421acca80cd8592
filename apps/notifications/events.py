"""Every event that people are told of: who gets it, and by which channels. Its words are in texts/.

In the app always; by e-mail too, except for the two moves that follow by themselves at once and say nothing that one
could act on. A caller hands over everyone involved in the case, the table decides who hears.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from apps.notifications.models import Channel


class Audience(StrEnum):
    """What somebody is to the event."""

    USER = "user"  # the owner of an account
    PATIENT = "patient"
    COORDINATOR = "coordinator"
    HOSPITAL = "hospital"
    ADMINS = "admins"


U, P, C, H, A = Audience.USER, Audience.PATIENT, Audience.COORDINATOR, Audience.HOSPITAL, Audience.ADMINS

MAIL = (Channel.EMAIL,)
APP = (Channel.IN_APP,)
BOTH = (Channel.IN_APP, Channel.EMAIL)


@dataclass(frozen=True, slots=True)
class Event:
    """Who is told and how; `tells_mover`: the patient hears of it even where they did it themselves."""

    channels: Mapping[Audience, tuple[Channel, ...]]
    tells_mover: bool = False


def to(*audiences: Audience, by: tuple[Channel, ...] = BOTH) -> dict[Audience, tuple[Channel, ...]]:
    """Return the channels of an event that tells all of `audiences` in the same way."""
    return dict.fromkeys(audiences, by)


EVENTS: dict[str, Event] = {
    # accounts
    "email_verification": Event(to(U, by=MAIL)),
    "invitation": Event(to(U, by=MAIL)),
    "role_changed": Event(to(U)),
    "export_ready": Event(to(U)),
    "export_failed": Event(to(U)),
    "password_reset": Event(to(U, by=MAIL)),
    "password_changed": Event(to(U)),
    "email_change": Event(to(U, by=MAIL)),
    "email_change_requested": Event(to(U)),
    "email_changed": Event(to(U)),
    "second_factor_on": Event(to(U)),
    "second_factor_off": Event(to(U)),
    # clinical
    "emergency_access_opened": Event(to(P)),
    "emergency_access_to_check": Event(to(A)),
    # bookings: the moves
    "booking_requested": Event(to(P, C), tells_mover=True),
    "booking_under_review": Event(to(P, C, by=APP)),
    "booking_accepted": Event(to(P, C, H)),
    "booking_rejected": Event(to(P, C)),
    "details_wanted": Event(to(P, C)),
    "quotation_sent": Event(to(P, C)),
    "booking_confirmed": Event(to(P, C, H), tells_mover=True),
    "payment_pending": Event(to(P, C, by=APP)),
    "payment_completed": Event(to(P, C, H)),
    "invoice_sent": Event(to(P, C)),
    "travel_arrangement": Event(to(P, C, H)),
    "in_treatment": Event(to(P, C)),
    "booking_completed": Event(to(P, C)),
    "feedback_received": Event(to(P, C)),
    "booking_on_hold": Event(to(P, C)),
    "booking_resumed": Event(to(P, C)),
    "booking_cancelled": Event(to(P, C, H), tells_mover=True),
    # bookings: what else happens to a case
    "details_reminder": Event(to(P)),
    "quotation_reminder": Event(to(P)),
    "quotation_declined": Event(to(C)),
    "quotation_expired": Event(to(P, C)),
    "feedback_wanted": Event(to(P)),
    "document_received": Event(to(C)),
    "review_due": Event(to(C)),
    "booking_assigned": Event(to(C)),
    "booking_unassigned": Event(to(A)),
    "patient_died": Event(to(A)),
    # billing
    "payment_received": Event(to(P, C, by=APP)),
    "receipt_ready": Event(to(P)),
    "payment_failed": Event(to(P) | to(C, by=APP)),
    "payment_reminder": Event(to(P)),
    "payment_mismatch": Event(to(C, A)),
    "transfer_to_confirm": Event(to(C) | to(A, by=APP)),
    "money_for_cancelled_booking": Event(to(C, A)),
    "refund_requested": Event(to(A) | to(C, by=APP)),
    "refund_completed": Event(to(P) | to(C, by=APP)),
    "refund_failed": Event(to(C, A)),
    "invoice_issued": Event(to(P) | to(C, by=APP)),
}
