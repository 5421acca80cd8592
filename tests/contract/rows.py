"""How one more row comes into each list. The rows lean on others of their own, so that a query a row is seen."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from apps.billing.services.invoices import issue_invoice
from apps.bookings.models import Booking, Review
from apps.bookings.states import BookingStatus as S
from apps.clinical.services.reads import note_profile
from medivoy.core.context import writing
from tests.contract.world import World
from tests.factories import billing, bookings
from tests.factories.accounts import RefreshTokenFactory, TotpFactory, UserFactory
from tests.factories.clinical import MedicalRecordFactory
from tests.factories.hospitals import (
    HospitalDoctorFactory,
    HospitalFactory,
    HospitalTreatmentFactory,
    PackageFactory,
    TreatmentFactory,
)
from tests.factories.notifications import NotificationFactory

Adder = Callable[[World], Any]


def stranger_case(status: str) -> Booking:
    """Somebody else's booking elsewhere, with a doctor of its own."""
    work = HospitalDoctorFactory(hospital=HospitalFactory(currency="USD", timezone="UTC"))
    booking = bookings.booking_in(status, hospital=work.hospital)
    Booking.objects.filter(pk=booking.pk).update(doctor=work.doctor)
    return booking


def review(world: World) -> None:
    booking = world.case(S.FEEDBACK_RECEIVED)
    Review.objects.filter(booking=booking).update(doctor=world.doctor, is_published=True, is_verified=True)


def package(world: World) -> None:
    offer = HospitalTreatmentFactory()
    PackageFactory(country="IN", hospitals=[offer.hospital], treatments=[offer.treatment])


def invoice(world: World) -> None:
    booking = stranger_case(S.COMPLETED)
    with writing(None):
        issue_invoice(booking, actor=world.users["coordinator"])


def quotation(world: World) -> None:
    with writing(None):
        bookings.draft(world.quoted)


def record(world: World) -> None:
    MedicalRecordFactory(patient=world.patients["patient"], is_shared_with_doctors=True)


def reading(world: World) -> None:
    """Somebody new has read something of the first patient."""
    with writing(None):
        note_profile(world.patients["patient"], reader=UserFactory(coordinator=True))


ADDERS: dict[str, Adder] = {
    "audit_log.list": reading,
    "user.list": lambda world: TotpFactory(),
    "hospital.list": lambda world: HospitalFactory(),
    "hospital.doctors": lambda world: HospitalDoctorFactory(hospital=world.hospital),
    "hospital.treatments": lambda world: HospitalTreatmentFactory(hospital=world.hospital),
    "doctor.list": lambda world: HospitalDoctorFactory(),
    "doctor.reviews": review,
    "treatment.list": lambda world: TreatmentFactory(),
    "treatment.hospitals": lambda world: HospitalTreatmentFactory(treatment=world.offer.treatment),
    "package.list": package,
    "package.by_country": package,
    "booking.list": lambda world: stranger_case(S.QUOTATION_SENT),
    "booking.quotations": quotation,
    "booking.timeline": lambda world: None,
    "patient.bookings": lambda world: world.case(S.QUOTATION_SENT),
    "patient.list": lambda world: stranger_case(S.REQUESTED),
    "patient.medical_records": record,
    "patient.access_log": reading,
    "medical_record.list": record,
    "review.list": review,
    "payment.list": lambda world: billing.begin(stranger_case(S.PAYMENT_PENDING)),
    "patient.payments": lambda world: billing.begin(world.case(S.PAYMENT_PENDING)),
    "invoice.list": invoice,
    "session.list": lambda world: RefreshTokenFactory(user=world.users["admin"], secret=uuid4().hex),
    "notification.list": lambda world: NotificationFactory(user=world.users["admin"]),
}
