"""A booking begins."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.models import Booking, BookingEvent, BookingType, EventKind
from apps.bookings.services.assignment import assign_by_rule
from apps.bookings.services.news import tell
from apps.bookings.services.offers import check_choice
from apps.bookings.services.transition import lock, refresh_waiting
from apps.bookings.states import BookingStatus
from apps.clinical.models import Patient
from apps.clinical.services.consents import give_for_quotation
from apps.hospitals.models import Hospital, Package, Treatment
from medivoy.core import clock
from medivoy.core.errors import InvalidInput
from medivoy.core.ids import uuid7
from medivoy.core.numbers import next_number


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. `booking_type` may be left out: it follows from what is named."""

    patient: Patient
    hospital: Hospital
    booking_type: str = ""
    treatment: Treatment | None = None
    package: Package | None = None
    requested_date: date | None = None
    travellers: int = 1
    medical_details: dict[str, Any] = field(default_factory=dict)
    notes: str = ""
    internal_notes: str = ""

    @property
    def type(self) -> str:
        if self.booking_type:
            return self.booking_type
        if self.package:
            return BookingType.PACKAGE
        return BookingType.TREATMENT if self.treatment else BookingType.OPINION


@transaction.atomic
def request_booking(wish: Wish, *, actor: User, id: UUID | None = None) -> Booking:  # noqa: A002 - the row's id
    """Open a case: number, first event, the consent that goes with it, a coordinator by the rule, and the news.

    `id` makes a retry find the booking that the first try made. Raises InvalidInput on the field that does not fit.
    Rule: domain.md, Booking, requested.
    """
    made = Booking.objects.filter(pk=id).first() if id else None
    if made is not None:
        return lock(made.pk)
    # Whoever erases the account takes this lock too: a case is there before, and refuses it, or is refused after.
    Patient.objects.select_for_update(no_key=True).get(pk=wish.patient.pk)
    _check(wish)
    booking = Booking.objects.create(
        id=id or uuid7(),
        booking_number=next_number("MB"),
        patient=wish.patient,
        hospital=wish.hospital,
        booking_type=wish.type,
        treatment=wish.treatment,
        package=wish.package,
        requested_date=wish.requested_date,
        travellers=wish.travellers,
        medical_details=wish.medical_details,
        notes=wish.notes,
        internal_notes=wish.internal_notes,
        currency=wish.hospital.currency,
    )
    BookingEvent.objects.create(booking=booking, kind=EventKind.MOVED, actor=actor, to_status=BookingStatus.REQUESTED)
    give_for_quotation(booking)
    assign_by_rule(booking, actor=None)
    refresh_waiting(booking)
    tell(booking, "booking_requested", actor=actor)
    return booking


def _check(wish: Wish) -> None:
    errors: dict[str, list[Any]] = {}
    if not User.objects.active().filter(pk=wish.patient.user_id).exists():
        errors["patient_id"] = [_("This account is not active.")]
    if not (wish.hospital.is_active and wish.hospital.is_verified):
        errors["hospital_id"] = [_("This hospital takes no bookings.")]
    if wish.requested_date and wish.requested_date < clock.today(wish.hospital.timezone):
        errors["requested_date"] = [_("This day is over at the hospital.")]
    errors |= check_choice(wish.hospital, wish.type, treatment=wish.treatment, package=wish.package)
    if errors:
        raise InvalidInput(errors)
