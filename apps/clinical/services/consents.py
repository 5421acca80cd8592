"""The consent that goes with a booking: this hospital, this booking's documents, first to quote, then to treat."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.clinical.models import Consent, Purpose
from medivoy.core import clock

# How long the documents stay open after the case has ended (domain.md, Clinical records).
AFTER_THE_END = {Purpose.QUOTATION: timedelta(days=30), Purpose.TREATMENT: timedelta(days=90)}


def give_for_quotation(booking: Any) -> Consent:
    """Write the consent that a patient gives with the request: the hospital may read to make its quotation."""
    return _give(booking, Purpose.QUOTATION)


@transaction.atomic
def turn_to_treatment(booking: Any) -> Consent:
    """Turn the consent of a booking that was just confirmed from quotation to treatment."""
    Consent.objects.filter(booking=booking, purpose=Purpose.QUOTATION, ends_at=None).update(ends_at=clock.now())
    return _give(booking, Purpose.TREATMENT)


def end_after(booking: Any, *, ended_at: datetime) -> None:
    """Let the booking's open consents run out: 30 days after it ended unaccepted, 90 days after discharge."""
    for purpose, delay in AFTER_THE_END.items():
        Consent.objects.filter(booking=booking, purpose=purpose, ends_at=None).update(ends_at=ended_at + delay)


def _give(booking: Any, purpose: Purpose) -> Consent:
    return Consent.objects.create(
        patient_id=booking.patient_id,
        booking_id=booking.pk,
        hospital_id=booking.hospital_id,
        purpose=purpose,
        starts_at=clock.now(),
    )
