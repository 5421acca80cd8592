"""What a hospital has on offer: whether a treatment, a package or a doctor may be named on one of its bookings."""

from typing import Any

from django.utils.translation import gettext as _

from apps.bookings.models import BookingType
from apps.hospitals.models import Doctor, Hospital, HospitalTreatment, Package, Treatment

Errors = dict[str, list[Any]]


def check_choice(
    hospital: Hospital, booking_type: str, *, treatment: Treatment | None, package: Package | None
) -> Errors:
    """Return the complaints about what is to be booked at `hospital`, by field (domain.md, Booking, requested)."""
    errors: Errors = {}
    if booking_type == BookingType.TREATMENT and treatment is None:
        errors["treatment_id"] = [_("A treatment is needed.")]
    if booking_type == BookingType.PACKAGE and package is None:
        errors["package_id"] = [_("A package is needed.")]
    if booking_type == BookingType.OPINION and (treatment or package):
        name = "treatment_id" if treatment else "package_id"
        errors[name] = [_("An opinion names no treatment yet: the quotation will.")]
    if treatment and not errors and not is_on_offer(hospital, treatment):
        errors["treatment_id"] = [_("The hospital does not offer this treatment.")]
    if package and not errors and not is_in_package(hospital, package):
        errors["package_id"] = [_("The hospital does not take part in this package.")]
    return errors


def is_on_offer(hospital: Hospital, treatment: Treatment) -> bool:
    """Whether the hospital offers the treatment now."""
    return bool(HospitalTreatment.objects.on_offer().filter(hospital=hospital, treatment=treatment).exists())


def is_in_package(hospital: Hospital, package: Package) -> bool:
    """Whether the package is sold now and the hospital is in it."""
    return bool(package.is_active) and package.hospitals.filter(pk=hospital.pk).exists()


def check_doctor(hospital: Hospital, doctor: Doctor | None) -> Errors:
    """Return the complaints about the doctor named on a case: listed, and working at the hospital."""
    if doctor is None or Doctor.objects.listed().working_at(hospital).filter(pk=doctor.pk).exists():
        return {}
    return {"doctor_id": [_("This doctor does not work at the hospital.")]}
