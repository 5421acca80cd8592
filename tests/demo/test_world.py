"""The demo world holds every promise that the platform makes: each number in it is computed anew from its rows."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import Count

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.billing.models import GatewayEvent, Invoice, Payment, Refund
from apps.bookings.models import Booking, BookingEvent, Quotation, Review
from apps.bookings.moves import allowed_transitions
from apps.bookings.states import BookingStatus, PaymentStatus, QuotationStatus, WaitingOn
from apps.clinical.models import MedicalRecord, Patient
from apps.hospitals.models import Doctor, Hospital, HospitalDoctor, Package, Treatment
from apps.notifications.models import Notification
from medivoy.core import clock
from medivoy.demo.people import PASSWORD
from tests.billing.ledger import check_ledger

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]

# They last no longer than the transaction that brings them about; timelines have them.
PASSING = {BookingStatus.CONFIRMED, BookingStatus.PAYMENT_COMPLETED}
KNOWN = ("admin", "coordinator", "translator", "hospital", "hospital2", "doctor", "doctor2", "patient", "patient2")


def account(name):
    return User.objects.get(email=f"{name}@medivoy.test")


def test_every_number_follows_from_the_rows(world):
    for pk in Booking.objects.values_list("pk", flat=True):
        check_ledger(pk)


def test_every_state_has_cases(world):
    present = set(Booking.objects.values_list("status", flat=True))
    assert present == set(BookingStatus) - PASSING
    assert set(BookingEvent.objects.values_list("to_status", flat=True)) >= PASSING
    assert set(Booking.objects.values_list("payment_status", flat=True)) == set(PaymentStatus)
    assert set(Booking.objects.values_list("waiting_on", flat=True)) == set(WaitingOn)
    assert set(Quotation.objects.values_list("status", flat=True)) == set(QuotationStatus)


def test_every_open_case_has_a_next_step_or_somebody_it_waits_on(world):
    coordinator = account("coordinator")
    for booking in Booking.objects.open().for_moves():
        waits = booking.waiting_on != WaitingOn.NOBODY
        is_held = booking.status == BookingStatus.ON_HOLD and booking.review_on is not None
        assert waits or is_held, booking
        assert booking.due_at is not None, booking
        assert booking.coordinator is not None, booking
        if booking.waiting_on == WaitingOn.COORDINATOR:
            assert any(move["allowed"] for move in allowed_transitions(booking, coordinator)), booking


def test_no_timeline_runs_backwards_or_ahead_of_today(world):
    now = clock.now()
    for booking in Booking.objects.prefetch_related("events"):
        times = [event.created_at for event in booking.events.all()]
        assert times == sorted(times)
        assert times[-1] <= now
        assert times[0] >= booking.created_at
    assert BookingEvent.objects.filter(actor=None, kind="moved").exclude(from_status="").exists()


def test_it_is_as_large_as_promised(world):
    sizes = {model: model.objects.count() for model in (Hospital, Doctor, Treatment, Package, Patient)}
    assert sizes == {Hospital: 12, Doctor: 40, Treatment: 60, Package: 20, Patient: 80}
    assert Hospital.objects.values("country").distinct().count() == 7
    currencies = {"INR", "AED", "THB", "EUR", "USD", "KWD", "JPY"}
    assert set(Hospital.objects.values_list("currency", flat=True)) == currencies
    assert set(Booking.objects.values_list("currency", flat=True)) == currencies
    languages = Counter(Patient.objects.values_list("user__preferred_language", flat=True))
    assert set(languages) == {"en", "ar", "hi", "es", "fr"}
    for model in (Invoice, Refund, Review, MedicalRecord):
        assert model.objects.exists(), model
    assert set(Review.objects.values_list("is_published", flat=True)) == {True, False}
    assert world[-1].startswith("64 of")


def test_the_known_accounts_meet_each_other(world):
    for name in KNOWN:
        user = account(name)
        assert user.is_active
        assert user.is_verified
        assert user.check_password(PASSWORD)
    treated = Booking.objects.get(patient__user=account("patient"), status=BookingStatus.IN_TREATMENT)
    assert treated.hospital.admin_user == account("hospital")
    assert treated.doctor.user == account("doctor")
    offered = Booking.objects.get(patient__user=account("patient"), status=BookingStatus.QUOTATION_SENT)
    assert offered.quotations.current().get().doctor.user == account("doctor")
    assert account("hospital2").has_role(Role.HOSPITAL_ADMIN)
    assert HospitalDoctor.objects.get(doctor__user=account("doctor2")).hospital.admin_user == account("hospital2")
    for name in ("patient", "hospital", "doctor"):
        assert Booking.objects.visible_to(account(name)).contains(treated)
        assert MedicalRecord.objects.visible_to(account(name)).filter(booking=treated).exists()


def test_nothing_in_it_is_a_real_persons(world):
    """Addresses in a domain that no one can own (RFC 2606), no telephone number, and none who could be met."""
    assert not User.objects.exclude(email__endswith="@medivoy.test").exists()
    assert not User.objects.exclude(phone=None).exclude(phone="").exists()
    assert not Hospital.objects.exclude(email__endswith=".medivoy.test").exists()
    assert not Hospital.objects.exclude(phone="").exists()
    assert not Patient.objects.exclude(emergency_contact_phone="").exists()
    names = User.objects.filter(user_type=Role.PATIENT).values("first_name", "last_name")
    assert names.annotate(count=Count("id")).filter(count__gt=1).count() == 0


def test_documents_are_real_files_of_the_cases(world):
    for record in MedicalRecord.objects.select_related("booking"):
        content = record.file.read()
        assert content.startswith(b"%PDF")
        assert len(content) == record.file_size < 100_000
        assert record.booking.patient_id == record.patient_id
        assert record.uploaded_by_user_id == record.patient.user_id


def test_nobody_is_kept_busy_by_its_past(world):
    """A newcomer's first mail goes out at once, and the outbox has some of every language to look at."""
    yesterday = clock.now() - timedelta(days=1)
    waiting = Notification.objects.unsent()
    assert not waiting.filter(created_at__lt=yesterday).exists()
    assert 10 <= waiting.count() <= 60
    assert set(waiting.values_list("language", flat=True)) == {"en", "ar", "hi", "es", "fr"}
    assert not Payment.objects.open().filter(asked_at=None, gateway_transaction_id="").exists()
    assert not GatewayEvent.objects.filter(applied_at=None).exists()
    assert not Refund.objects.due().exists()
    assert mail.outbox == []
