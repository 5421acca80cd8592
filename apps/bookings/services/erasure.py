"""Taking a person out of their cases: what happened stays, what they told us does not.

The timeline keeps every event and loses its words. Records of a treatment are sealed until their time is over
(CLINICAL_RETENTION), everything else goes at once (docs/privacy.md).
"""

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.bookings.models import Booking, BookingEvent, Quotation, Review, TravelPlan, WantedDocument
from apps.bookings.states import QuotationStatus
from apps.clinical.models import MedicalRecord, Patient
from apps.clinical.services.erasure import delete_records, lock_patient, records_to_delete
from medivoy.core import clock


def lock_cases(patient: Patient) -> list[Booking]:
    """Lock every case of a patient, in one order, and return them."""
    return list(Booking.objects.select_for_update(of=("self",)).filter(patient=patient).order_by("pk"))


def works_on_open_cases(user: User) -> bool:
    """Whether an open case is theirs to coordinate, or names them as its doctor."""
    return Booking.objects.open().filter(Q(coordinator=user) | Q(doctor__user=user)).exists()


def empty_cases(patient: Patient, cases: Sequence[Booking]) -> None:
    """Take out of a patient's locked cases what they said of themselves, and delete the records that may go."""
    _empty_bookings(cases)
    _empty_timelines(cases)
    forget_records(patient)
    WantedDocument.objects.filter(booking__in=cases).exclude(why="").update(why="")
    TravelPlan.objects.filter(booking__in=cases).update(visa={}, flights=[], transfers=[], accommodation={})
    quotations = Quotation.objects.filter(booking__in=cases)
    quotations.exclude(decline_reason="").update(decline_reason="")
    quotations.filter(status=QuotationStatus.DRAFT).update(rests_on="")
    # A rating is part of what others read of a doctor; the words are the patient's.
    Review.objects.filter(patient=patient).exclude(review_text="").update(review_text="")


@transaction.atomic
def forget_records(patient: Patient) -> int:
    """Delete the records of a patient that no legal hold keeps; return how many went."""
    ids = records_to_delete(patient, but_of=_held_cases(patient))
    WantedDocument.objects.filter(record__in=ids).update(record=None)
    return delete_records(ids)


def patients_with_sealed_records() -> list[uuid.UUID]:
    """Return the erased patients of whom there are records still."""
    records = MedicalRecord.objects.filter(patient=OuterRef("pk"))
    erased = Patient.objects.filter(Exists(records), user__erased_at__isnull=False)
    return list(erased.values_list("pk", flat=True))


def forget_sealed(patient_id: uuid.UUID) -> int:
    """Delete the sealed records of an erased patient whose time is over; return how many went."""
    return forget_records(lock_patient(patient_id))


def _held_cases(patient: Patient) -> list[uuid.UUID]:
    """Return the cases in which the patient was treated, until CLINICAL_RETENTION after the last treatment."""
    treated = Booking.objects.filter(patient=patient, admitted_on__isnull=False)
    last = treated.aggregate(last=Max(Coalesce("discharged_on", "admitted_on")))["last"]
    if last is None or last + settings.CLINICAL_RETENTION < clock.today():
        return []
    return list(treated.values_list("pk", flat=True))


def _empty_bookings(cases: Sequence[Booking]) -> None:
    for case in cases:
        case.medical_details = {}
        case.notes = case.internal_notes = case.follow_up_note = case.override_reason = ""
        case.follow_up_at = None
        case.save(
            update_fields=[
                "medical_details",
                "notes",
                "internal_notes",
                "follow_up_note",
                "follow_up_at",
                "override_reason",
            ]
        )


def _empty_timelines(cases: Sequence[Booking]) -> None:
    events = BookingEvent.objects.filter(booking__in=cases, erased_at=None)
    with_words = events.exclude(reason="", notes="", internal_notes="")
    with_words.update(erased_at=clock.now(), reason="", notes="", internal_notes="")
