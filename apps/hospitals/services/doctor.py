"""Doctors: verifying them, and where they work."""

import uuid
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.hospitals.models import Doctor, Hospital, HospitalDoctor
from medivoy.core import clock
from medivoy.core.errors import Conflict, GuardFailed, Missing


class AlreadyAffiliated(Conflict):
    """The doctor works there now."""

    code = "already_affiliated"
    message = _("This doctor already works at this hospital.")


@transaction.atomic
def verify_doctor(doctor: Doctor, *, actor: User, verified: bool = True) -> Doctor:
    """List the doctor, whose licence the actor has checked, or with `verified=False` no longer (T1).

    Raises GuardFailed `license_missing` where there is no licence number that could have been checked.
    """
    doctor = Doctor.objects.select_for_update().get(pk=doctor.pk)
    if verified and not doctor.license_number:
        raise GuardFailed(_("There is no licence number to check."), code="license_missing")
    doctor.is_verified = verified
    doctor.save(update_fields=["is_verified"])
    return doctor


@transaction.atomic
def affiliate(
    doctor: Doctor,
    *,
    hospital: Hospital,
    actor: User,
    department: str = "",
    is_primary: bool = False,
    start_date: date | None = None,
) -> HospitalDoctor:
    """Let the doctor work at the hospital from `start_date`, by default from today there.

    Raises AlreadyAffiliated where they do now. Who worked there before gets a new row, and the old one stays.
    """
    since = start_date or clock.today(hospital.timezone)
    Hospital.objects.select_for_update(no_key=True).get(pk=hospital.pk)
    if HospitalDoctor.objects.current().filter(hospital=hospital, doctor=doctor).exists():
        raise AlreadyAffiliated
    return HospitalDoctor.objects.create(
        hospital=hospital, doctor=doctor, department=department, is_primary=is_primary, start_date=since
    )


@transaction.atomic
def end_affiliation(hospital: Hospital, *, doctor_id: uuid.UUID, actor: User) -> HospitalDoctor:
    """End the doctor's work at the hospital today (by its own calendar); the row stays as history.

    Who has not begun yet never will: the row then ends on the day it was to begin. Raises Missing where the doctor
    does not work there.
    """
    affiliations = HospitalDoctor.objects.current().filter(hospital=hospital, doctor=doctor_id)
    affiliation = affiliations.select_for_update().first()
    if affiliation is None:
        raise Missing
    today = clock.today(hospital.timezone)
    affiliation.end_date = max(today, affiliation.start_date or today)
    affiliation.save(update_fields=["end_date"])
    return affiliation
