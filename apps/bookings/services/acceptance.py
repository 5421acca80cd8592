"""A quotation is accepted: from here on it is a snapshot, whatever happens to the catalogue and the policy."""

from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.bookings.models import Booking, CancellationPolicy, Quotation, QuotationAcceptance
from apps.bookings.moves import check_move, targets_of
from apps.bookings.services.milestones import agree_milestones
from apps.bookings.services.money import write_money
from apps.bookings.services.outcomes import MadeMove
from apps.bookings.services.quotation_answers import facts_of, refuse_unless_current, version_asked
from apps.bookings.services.transition import lock, move
from apps.bookings.states import QUOTATION, BookingStatus, QuotationStatus
from apps.clinical.services.consents import turn_to_treatment
from medivoy.core import clock
from medivoy.core.errors import IllegalMove


@transaction.atomic
def accept_quotation(
    booking: Booking,
    *,
    actor: User,
    version: int | None = None,
    channel: str = "",
    proof: str = "",
    ip: str | None = None,
    language: str = "en",
    notes: str = "",
    internal_notes: str = "",
    expected_status: str | None = None,
    expected_version: int | None = None,
) -> MadeMove:
    """Accept the version that is out, as the patient, or as a coordinator on their behalf with channel and proof.

    Freezes total, currency, milestones, cancellation policy, commission, doctor and day of admission; the consent's
    purpose becomes treatment. The version already accepted: nothing is written, `is_new` is False. `version` may be
    left out while only one was ever sent.
    Raises InvalidInput; GuardFailed quotation_superseded, quotation_expired; IllegalMove; StaleStatus, StaleVersion.
    """
    booking = lock(booking.pk, expected_status=expected_status, expected_version=expected_version)
    source = booking.status
    quotation = version_asked(booking, version)
    if quotation is None:
        raise IllegalMove(current=source, allowed=targets_of(booking, actor))
    if quotation.status == QuotationStatus.ACCEPTED:
        return MadeMove(booking, source, is_new=False)
    refuse_unless_current(quotation)
    check_move(booking, BookingStatus.CONFIRMED, actor=actor)
    _accept(booking, quotation, actor, channel=channel, proof=proof, ip=ip, language=language)
    terms = _agree(booking, quotation)
    move(
        booking,
        BookingStatus.CONFIRMED,
        actor=actor,
        notes=notes,
        internal_notes=internal_notes,
        data=facts_of(quotation) | ({"channel": channel} if channel else {}),
        **terms,
    )
    agree_milestones(booking, accepted_on=booking.local_today())
    turn_to_treatment(booking)
    write_money(booking)
    return MadeMove(booking, source, is_new=True)


def _accept(
    booking: Booking, quotation: Quotation, actor: User, *, channel: str, proof: str, ip: str | None, language: str
) -> None:
    QUOTATION.check(quotation.status, QuotationStatus.ACCEPTED)
    quotation.status = QuotationStatus.ACCEPTED
    quotation.save(update_fields=["status"])
    capacity = QuotationAcceptance.Capacity
    QuotationAcceptance.objects.create(
        quotation=quotation,
        person=actor,
        capacity=capacity.PATIENT if booking.patient.user_id == actor.pk else capacity.COORDINATOR,
        channel=channel,
        proof=proof,
        ip=ip,
        language=language,
        created_at=clock.now(),
    )


def _agree(booking: Booking, quotation: Quotation) -> dict[str, Any]:
    """Return the columns of a booking that the accepted version freezes."""
    return {
        "total_amount": quotation.total,
        "currency": quotation.currency,
        "commission_percent": booking.hospital.commission_percent,
        "policy_agreed": CancellationPolicy.agreed_with(booking.hospital),
        "confirmed_date": quotation.admission_date,
        "doctor": quotation.doctor or booking.doctor,
        "treatment": quotation.treatment or booking.treatment,
    }
