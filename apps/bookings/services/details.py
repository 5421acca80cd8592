"""What is wanted of the patient: asked for, and handed in."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.models import Booking, EventKind, WantedDocument, WantedState
from apps.bookings.services.news import tell
from apps.bookings.services.quotation_answers import withdraw_offer
from apps.bookings.services.transition import lock, move, record, refresh_waiting
from apps.bookings.states import BookingStatus
from apps.clinical.models import MedicalRecord, RecordType
from medivoy.core import clock
from medivoy.core.errors import GuardFailed, InvalidInput

MISSING = (WantedState.WANTED, WantedState.REFUSED)


def ask_for_details(
    booking: Booking,
    *,
    actor: User,
    notes: str,
    internal_notes: str,
    wanted: Iterable[dict[str, str]] = (),
    **_given: Any,
) -> None:
    """Ask the patient of a locked booking for documents ({"type", "why"}); `notes` alone are one of type other.

    A quotation that was out is withdrawn. Written by journey.make_move.
    """
    wishes = list(wanted) or [{"type": RecordType.OTHER, "why": notes}]
    WantedDocument.objects.bulk_create(
        WantedDocument(booking=booking, type=wish["type"], why=wish.get("why", "")) for wish in wishes
    )
    withdraw_offer(booking, actor=actor)
    move(
        booking,
        BookingStatus.AWAITING_MEDICAL_DETAILS,
        actor=actor,
        notes=notes,
        internal_notes=internal_notes,
        data={"wanted": [str(wish["type"]) for wish in wishes]},
    )


@transaction.atomic
def attach_record(
    record_: MedicalRecord, *, booking_id: UUID | None, wanted_id: UUID | None, actor: User
) -> WantedDocument | None:
    """Make an uploaded record a document of a booking, and the wanted one received; the coordinator is told.

    The booking is the actor's to see and the record's patient's own; `wanted_id` alone finds its booking. Raises
    InvalidInput on booking_id or wanted_id; GuardFailed not_wanted where it was accepted or is not needed any more.
    """
    wanted = _find_wanted(wanted_id, booking_id, actor) if wanted_id else None
    booking = _find_booking(wanted.booking_id if wanted else booking_id, record_, actor)
    record_.booking = booking
    record_.save(update_fields=["booking"])
    if wanted is not None:
        wanted.refresh_from_db()
        _receive(wanted, record_)
    data = {"record_id": str(record_.pk), "type": record_.record_type}
    record(booking, EventKind.DOCUMENT, actor=actor, data=data)
    refresh_waiting(booking)
    tell(booking, "document_received", actor=actor)
    return wanted


def _find_wanted(wanted_id: UUID, booking_id: UUID | None, actor: User) -> WantedDocument:
    """Return what was asked for; one that is not the actor's to see is refused like one that there is not (T19)."""
    mine = WantedDocument.objects.visible_to(actor)
    found = mine.filter(pk=wanted_id, **({"booking": booking_id} if booking_id else {})).first()
    if found is None:
        raise InvalidInput({"wanted_id": [_("There is no such row.")]})
    return found


def _find_booking(booking_id: UUID | None, record_: MedicalRecord, actor: User) -> Booking:
    if booking_id is not None:
        mine = Booking.objects.visible_to(actor).filter(pk=booking_id, patient=record_.patient_id)
        if mine.exists():
            return lock(booking_id)
    raise InvalidInput({"booking_id": [_("There is no such row.")]})


def _receive(wanted: WantedDocument, record_: MedicalRecord | None) -> None:
    if wanted.state not in (*MISSING, WantedState.RECEIVED):
        raise GuardFailed(_("This document is not wanted any more."), code="not_wanted")
    wanted.state, wanted.record, wanted.received_at = WantedState.RECEIVED, record_, clock.now()
    wanted.save(update_fields=["state", "record", "received_at"])


def receive_in_words(booking: Booking) -> bool:
    """Count what the patient wrote on a locked booking as the answer to what was wanted in words; return whether any
    was missing."""
    if booking.stage != BookingStatus.AWAITING_MEDICAL_DETAILS:
        return False
    missing = list(booking.wanted_documents.filter(type=RecordType.OTHER, state__in=MISSING))
    for wanted in missing:
        _receive(wanted, None)
    return bool(missing)
