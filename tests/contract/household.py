"""Which rows of each model the first patient's story has, and those that no service of the world has made.

Of what the public reads there is a hidden row beside the shown one: unverified, withdrawn, not published.
"""

from datetime import timedelta

from django.db.models import Q

from apps.accounts.models import AccountExport
from apps.billing.models import BankReceipt, CreditNote, GatewayEvent
from apps.bookings.models import Adjustment, CancellationPolicy, TravelPlan, WantedDocument
from apps.bookings.services.reviews import give_review
from apps.clinical.models import EmergencyAccess
from apps.hospitals.models import HospitalBankDetails
from medivoy.core import clock
from medivoy.core.context import writing
from tests.factories.bookings import draft
from tests.factories.clinical import MedicalRecordFactory
from tests.factories.hospitals import (
    HospitalDoctorFactory,
    HospitalFactory,
    HospitalTreatmentFactory,
    PackageFactory,
)
from tests.factories.notifications import NotificationFactory

HIDDEN = "not-yet-shown"


def of_patient(path):
    return lambda world: Q(**{path: world.patients["patient"]})


def of_user(path):
    return lambda world: Q(**{path: world.users["patient"]})


def of_hospital(path):
    return lambda world: Q(**{path: world.hospital})


WHOSE = {
    "AccountExport": of_user("user"),
    "Adjustment": of_patient("booking__patient"),
    "AuditEntry": lambda world: Q(entity_type="booking", entity_id=str(world.quoted.pk)),
    "BankReceipt": of_patient("booking__patient"),
    "Booking": of_patient("patient"),
    "BookingEvent": of_patient("booking__patient"),
    "CancellationPolicy": of_hospital("hospital"),
    "CancellationTier": of_hospital("policy__hospital"),
    "Consent": of_patient("patient"),
    "CreditNote": of_patient("invoice__patient"),
    "Doctor": lambda world: Q(affiliations__hospital=world.hospital),
    "EmergencyAccess": of_patient("patient"),
    "GatewayEvent": of_patient("payment__patient"),
    "Hospital": lambda world: Q(pk=world.hospital.pk) | Q(slug=HIDDEN),
    "HospitalBankDetails": of_hospital("hospital"),
    "HospitalDoctor": of_hospital("hospital"),
    "HospitalTreatment": of_hospital("hospital"),
    "Invoice": of_patient("patient"),
    "InvoiceLine": of_patient("invoice__patient"),
    "MedicalRecord": of_patient("patient"),
    "Milestone": of_patient("booking__patient"),
    "Notification": of_user("user"),
    "Package": lambda world: Q(pk=world.package.pk) | Q(name=HIDDEN),
    "Patient": lambda world: Q(pk=world.patients["patient"].pk),
    "Payment": of_patient("patient"),
    "Quotation": of_patient("booking__patient"),
    "QuotationAcceptance": of_patient("quotation__booking__patient"),
    "QuotationLine": of_patient("quotation__booking__patient"),
    "Receipt": of_patient("payment__patient"),
    "Refund": of_patient("payment__patient"),
    "RefreshToken": of_user("user"),
    "Review": of_patient("patient"),
    "TravelPlan": of_patient("booking__patient"),
    "Treatment": lambda world: Q(offers__hospital=world.hospital),
    "User": lambda world: Q(pk=world.users["patient"].pk),
    "WantedDocument": of_patient("booking__patient"),
}


def add_what_is_missing(world):
    """Add a row of each kind that the calls of the other tests do not need."""
    booking, coordinator = world.arranging, world.users["coordinator"]
    with writing(None):
        draft(world.quoted)
        MedicalRecordFactory(patient=world.patients["patient"], booking=world.arranging, is_shared_with_doctors=True)
        give_review(world.completed, actor=world.users["patient"], rating=2)
        HospitalFactory(slug=HIDDEN, is_verified=False, admin_user=world.hospital.admin_user)
        HospitalDoctorFactory(hospital=world.hospital, doctor__is_verified=False)
        HospitalTreatmentFactory(hospital=world.hospital, is_available=False, treatment__is_active=False)
        PackageFactory(name=HIDDEN, is_active=False)
        WantedDocument.objects.create(booking=booking, type="mri", why="To see the knee")
        TravelPlan.objects.get_or_create(booking=booking)
        Adjustment.objects.create(booking=booking, kind="goodwill", amount=1, reason="?", created_by=coordinator)
        receipt = {"value_date": clock.today(), "sender": "A. Patient", "reference": "HOUSEHOLD-1", "proof": "Page 7"}
        BankReceipt.objects.create(booking=booking, amount=1, currency="USD", recorded_by=coordinator, **receipt)
        CreditNote.objects.create(
            credit_note_number="CN-HOUSEHOLD-1",
            invoice=world.invoice,
            amount=1,
            currency="USD",
            credit_date=clock.today(),
            reason="?",
        )
        GatewayEvent.objects.create(
            gateway="sandbox",
            event_id="evt_household",
            type="payment.captured",
            subject="payment",
            reference="?",
            state="captured",
            occurred_at=clock.now(),
            payload={},
            payment=world.paid,
            next_attempt_at=clock.now() + timedelta(days=1),
        )
        policy = CancellationPolicy.objects.create(hospital=world.hospital, name="Own")
        policy.tiers.create(min_days=0, percent=10)
        HospitalBankDetails.objects.create(hospital=world.hospital, bank_details="IBAN")
        opened = {"user": coordinator, "reason": "Unconscious", "ends_at": clock.now() + timedelta(hours=1)}
        EmergencyAccess.objects.create(patient=world.patients["patient"], **opened)
        AccountExport.objects.create(user=world.users["patient"])
        NotificationFactory(user=world.users["patient"])
        NotificationFactory(user=world.users["patient"], email=True)
