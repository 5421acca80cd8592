"""Who stands at the head of an invoice, and whom it is for: copied at issue, because both may change later."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from apps.billing.models import Invoice
from apps.bookings.models import Booking


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues: its code in the number, the zone of its year and dates, and what the paper says of it."""

    code: str
    zone: str
    details: dict[str, Any]


def issuer_of(booking: Booking) -> Issuer:
    """Return the hospital where it has an issuer code, else the platform (domain.md, Numbers)."""
    hospital = booking.hospital
    if not hospital.issuer_code:
        return Issuer(settings.ISSUER["code"], settings.ISSUER["timezone"], dict(settings.ISSUER))
    return Issuer(
        hospital.issuer_code,
        hospital.timezone,
        {
            "code": hospital.issuer_code,
            "name": hospital.legal_name or hospital.name,
            "address": hospital.address,
            "city": hospital.city,
            "country": str(hospital.country),
            "tax_number": hospital.tax_number,
            "timezone": hospital.timezone,
        },
    )


def bill_to(booking: Booking) -> dict[str, str]:
    """Return the patient's name and address; of an erased one what their invoice says."""
    patient = booking.patient
    if patient.user.erased_at:
        return _as_invoiced(booking) or {"name": str(patient.user), "address": "", "city": "", "country": ""}
    return {
        "name": patient.user.get_full_name() or patient.user.email,
        "address": patient.address,
        "city": patient.city,
        "country": str(patient.country),
    }


def _as_invoiced(booking: Booking) -> dict[str, str] | None:
    invoice = Invoice.objects.filter(booking=booking).first()
    return invoice.bill_to if invoice else None
