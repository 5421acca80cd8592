"""Who reads what a patient says of their health in a case: told to the audit trail before it is shown."""

from typing import Any

from apps.accounts.services.audit import Read, record_reads
from apps.bookings.models import Booking
from apps.bookings.policies import reads_medical_details


def note_details(booking: Booking, *, reader: Any) -> None:
    """Record that `reader` is shown the medical details, unless they are their own or are not shown to them.

    Raises Unavailable.
    """
    owner = booking.patient.user_id
    if owner != reader.pk and reads_medical_details(reader, booking):
        record_reads("booking", [Read(booking.pk, owner, ["medical_details"])], actor=reader)
