"""A small world in which every operation can be called by every kind of caller.

The first patient's case runs at the first hospital, with the first doctor; everybody called "other" has nothing to do
with it. It is built once; each call happens in a savepoint that is rolled back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.test import override_settings

from apps.accounts.models import RefreshToken, User
from apps.accounts.services.sessions import Device, open_session
from apps.billing.services.invoices import issue_invoice
from apps.billing.services.refunds import request_refund
from apps.bookings.models import Booking, Review
from apps.bookings.states import BookingStatus as S
from medivoy.core import clock
from medivoy.core.context import writing
from tests.factories import billing, bookings
from tests.factories.accounts import UserFactory
from tests.factories.bookings import make_patient
from tests.factories.clinical import MedicalRecordFactory
from tests.factories.hospitals import (
    DoctorFactory,
    HospitalDoctorFactory,
    HospitalFactory,
    HospitalTreatmentFactory,
    PackageFactory,
)

ANYBODY = "anonymous"
# In the order of the columns of access.toml.
CALLERS = (
    ANYBODY,
    "patient",
    "other_patient",
    "unverified",
    "deactivated",
    "doctor",
    "other_doctor",
    "hospital_admin",
    "other_hospital_admin",
    "coordinator",
    "translator",
    "admin",
)


@contextmanager
def taken_back() -> Iterator[None]:
    """Undo at the end whatever was written inside; to durable transactions it is no transaction, as in a TestCase."""
    atomic = transaction.atomic()
    atomic._from_testcase = True
    with atomic:
        yield
        transaction.set_rollback(True)


@dataclass
class World:
    """Who is there, and what they have."""

    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)

    def settle(self) -> None:
        """Let everybody in and give them what they have."""
        self.patients = {name: make_patient() for name in ("patient", "other_patient", "unverified", "deactivated")}
        self.users = {name: patient.user for name, patient in self.patients.items()}
        for name in ("coordinator", "translator", "admin"):
            self.users[name] = UserFactory(**{name: True})
        self.hospital, self.offer, self.doctor = self._hospital("hospital_admin", "doctor")
        self.other_hospital, self.other_offer, self.other_doctor = self._hospital(
            "other_hospital_admin", "other_doctor"
        )
        self.free_doctor = DoctorFactory()
        self.package = PackageFactory(hospitals=[self.hospital], treatments=[self.offer.treatment])
        self._sign_in()
        User.objects.filter(pk=self.users["unverified"].pk).update(is_verified=False)
        User.objects.filter(pk=self.users["deactivated"].pk).update(is_active=False)

    def _hospital(self, admin: str, doctor: str) -> tuple[Any, Any, Any]:
        hospital = HospitalFactory(currency="USD", timezone="UTC")
        work = HospitalDoctorFactory(hospital=hospital)
        self.users[admin], self.users[doctor] = hospital.admin_user, work.doctor.user
        return hospital, HospitalTreatmentFactory(hospital=hospital), work.doctor

    def _sign_in(self) -> None:
        """Give everybody real tokens, good for as long as the tests take."""
        with override_settings(ACCESS_TOKEN_LIFETIME=timedelta(hours=3)):
            for name, user in self.users.items():
                signed_in = open_session(user, device=Device())
                self.tokens[name] = signed_in.access_token
                self.refresh_tokens[name] = signed_in.refresh_token
        # Seen just now for as long, so that no request of the suite writes that down: queries are counted.
        RefreshToken.objects.filter(user__in=self.users.values()).update(
            last_activity_at=clock.now() + timedelta(hours=3)
        )

    def case(self, status: str) -> Booking:
        """The first patient's booking, gone its way to `status`, with the first doctor on it."""
        with writing(None):
            booking = bookings.booking_in(
                status, patient=self.patients["patient"], hospital=self.hospital, treatment=self.offer.treatment
            )
            Booking.objects.filter(pk=booking.pk).update(doctor=self.doctor)
        booking.refresh_from_db()
        return booking

    def open_cases(self) -> None:
        """Bring the first patient's cases to where calls need them."""
        self.requested = self.case(S.REQUESTED)
        self.accepted = self.case(S.ACCEPTED)
        self.quoted = self.case(S.QUOTATION_SENT)
        self.owing = self.case(S.PAYMENT_PENDING)
        self.arranging = self.case(S.TRAVEL_ARRANGEMENT)
        self.completed = self.case(S.COMPLETED)
        reviewed = self.case(S.FEEDBACK_RECEIVED)
        Review.objects.filter(booking=reviewed).update(is_published=True, is_verified=True)
        self.review = Review.objects.get(booking=reviewed)

    def keep_records(self) -> None:
        """A record that the first patient shares with their doctors."""
        self.record = MedicalRecordFactory(patient=self.patients["patient"], is_shared_with_doctors=True)

    def move_money(self) -> None:
        """Pay: one payment is through, two are open, one is to be refunded beyond policy; and issue an invoice."""
        self.paid = billing.pay(self.case(S.PAYMENT_PENDING))
        self.checkout = billing.begin(self.case(S.PAYMENT_PENDING))
        self.transfer = billing.begin(self.case(S.PAYMENT_PENDING), gateway="bank_transfer")
        refundable = billing.pay(self.case(S.PAYMENT_PENDING))
        with writing(None):
            self.refund = request_refund(
                refundable, actor=self.users["coordinator"], amount=refundable.amount, reason="goodwill"
            )
            self.invoice = issue_invoice(self.completed, actor=self.users["coordinator"]).invoice


def build() -> World:
    """Return the world, settled."""
    world = World()
    with writing(None):
        world.settle()
    world.open_cases()
    world.keep_records()
    world.move_money()
    assert set(world.users) == set(CALLERS) - {ANYBODY}
    assert settings.SANDBOX_GATEWAY
    return world
