"""Erasing a person (T68): what goes, what stays and why, and when it is refused. One transaction over all apps."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import Error, connection, transaction

from apps.accounts.errors import AdministersHospital, LastAdmin, MoneyOwed, OpenCases, OwnAccount
from apps.accounts.models import AccountExport, RefreshToken, Totp, User
from apps.accounts.services.sessions import Device, open_session
from apps.billing.documents.receipt import receipt_pdf
from apps.billing.models import Invoice, Payment, Receipt
from apps.billing.services.erasure import erase_account, erase_own_account
from apps.billing.services.issuers import bill_to
from apps.billing.services.refunds import request_refund
from apps.bookings.models import Booking, BookingEvent, Review, WantedDocument
from apps.bookings.services.booking import Wish, request_booking
from apps.bookings.services.notes import add_note
from apps.bookings.states import BookingStatus as S
from apps.bookings.tasks import forget_sealed_records
from apps.clinical.models import EmergencyAccess, MedicalRecord, Patient
from apps.notifications.models import Notification
from medivoy.core import clock
from medivoy.core.context import writing
from medivoy.core.errors import InvalidInput, Refused
from tests.factories import billing
from tests.factories.accounts import (
    AccountExportFactory,
    EmailVerificationFactory,
    PasswordResetFactory,
    TotpFactory,
    UserFactory,
)
from tests.factories.bookings import booking_in, make_patient
from tests.factories.clinical import EmergencyAccessFactory, MedicalRecordFactory
from tests.factories.hospitals import HospitalDoctorFactory, HospitalFactory

pytestmark = pytest.mark.django_db

CANARY = "zanthoxylum-7431"
# What the law makes us keep says who it was for: the invoice as it was issued, and its sandbox's own books.
KEPT = {"invoices"}


def erase(user):
    with writing(user):
        erase_own_account(user)
    user.refresh_from_db()


def tables():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return sorted(name for (name,) in cursor.fetchall())


def tables_with(word):
    """Every table in which a row has the word somewhere, whatever the column."""
    found = set()
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f'SELECT 1 FROM "{table}" AS row WHERE row::text ILIKE %s LIMIT 1', [f"%{word}%"])
            if cursor.fetchone():
                found.add(table)
    return found


@pytest.fixture
def patient():
    """A patient whose every field has the canary or something of their own."""
    patient = make_patient(
        first_name="Ximena-Unique",
        last_name="Quijano-Unique",
        email="ximena.unique@example.test",
        phone="+529998887766",
    )
    Patient.objects.filter(pk=patient.pk).update(
        address=CANARY,
        emergency_contact_name=CANARY,
        emergency_contact_phone="+521112223344",
        insurance_policy_number=CANARY,
        medical_history=[CANARY],
    )
    return patient


@pytest.fixture
def life(patient):
    """All that somebody leaves behind who was treated, paid and wrote about it."""
    user = patient.user
    with transaction.atomic():
        case = booking_in(S.FEEDBACK_RECEIVED, patient=patient, notes=CANARY, medical_details={"pain": CANARY})
        Review.objects.filter(booking=case).update(review_text=CANARY, is_published=True)
        refused = booking_in(S.REJECTED, patient=patient)
        add_note(case, actor=case.coordinator, internal_notes=CANARY)
        WantedDocument.objects.create(booking=case, type="xray", why=CANARY)
    with writing(user):
        open_session(user, device=Device("203.0.113.9", f"Browser {CANARY}"))
        Patient.objects.get(pk=patient.pk).save(update_fields=["city"])
    TotpFactory(user=user)
    PasswordResetFactory(user=user)
    EmailVerificationFactory(user=user)
    AccountExportFactory(user=user)
    EmergencyAccessFactory(patient=patient, reason=f"Brought in with {CANARY}")
    treated = MedicalRecordFactory(patient=patient, booking=case, title=CANARY)
    loose = MedicalRecordFactory(patient=patient, booking=refused, title=CANARY, description=CANARY)
    return case, treated, loose


def test_t68_nothing_of_the_person_is_left_anywhere_but_where_the_law_wants_it(
    patient, life, django_capture_on_commit_callbacks
):
    """T68: every table is looked through."""
    _case, treated, _loose = life
    MedicalRecord.objects.filter(pk=treated.pk).update(title="Sealed")
    assert tables_with(CANARY) > {
        "patients",
        "bookings",
        "reviews",
        "medical_records",
        "booking_events",
        "emergency_accesses",
    }

    with django_capture_on_commit_callbacks(execute=True):
        erase(patient.user)

    for word in (CANARY, "ximena", "quijano", "529998887766", "203.0.113.9", "521112223344"):
        assert tables_with(word) <= KEPT, word


def test_the_account_opens_nothing_any_more(patient, life):
    user = patient.user
    erase(user)

    assert user.email == f"erased-{user.pk}@erased.invalid"
    assert (user.first_name, user.last_name, user.phone, user.is_active) == ("", "", None, False)
    assert user.erased_at
    assert not user.has_usable_password()
    assert not RefreshToken.objects.live().filter(user=user).exists()
    for kind in (Totp, AccountExport, Notification):
        assert not kind.objects.filter(user=user).exists()


def test_what_happened_stays(patient, life):
    """T68: states, amounts, payments, invoices and who moved what and when."""
    case, _treated, _loose = life
    invoice = Invoice.objects.get(booking=case)
    before = list(BookingEvent.objects.filter(booking=case).values_list("pk", "kind", "actor", "to_status"))
    paid = list(Payment.objects.filter(booking=case).values_list("status", "amount"))

    erase(patient.user)

    case.refresh_from_db()
    assert case.status == S.FEEDBACK_RECEIVED
    assert case.notes == case.internal_notes == ""
    assert case.medical_details == {}
    assert list(BookingEvent.objects.filter(booking=case).values_list("pk", "kind", "actor", "to_status")) == before
    assert list(Payment.objects.filter(booking=case).values_list("status", "amount")) == paid
    assert Invoice.objects.get(pk=invoice.pk).bill_to == invoice.bill_to
    review = Review.objects.get(booking=case)
    assert (review.rating, review.review_text, review.is_published) == (5, "", True)


def test_t71_that_records_were_opened_in_an_emergency_stays_and_why_goes(patient):
    """T71: whoever opened them answers for it; the reason is of the patient's health."""
    access = EmergencyAccessFactory(patient=patient)

    erase(patient.user)

    kept = EmergencyAccess.objects.get(pk=access.pk)
    assert (kept.user, kept.patient, kept.ends_at, kept.reason) == (access.user, patient, access.ends_at, "")
    assert kept.erased_at


def test_t71_whoever_gave_the_reason_does_not_take_it_along():
    access = EmergencyAccessFactory()

    erase(access.user)

    access.refresh_from_db()
    assert access.reason
    assert access.erased_at is None


@pytest.mark.parametrize(
    "assignment",
    [
        "reason = ''",
        "reason = 'Another', erased_at = now()",
        "erased_at = now()",
        "reason = '', erased_at = now(), ends_at = now()",
        "ends_at = now()",
    ],
)
def test_t71_nothing_else_of_an_emergency_access_changes(assignment):
    access = EmergencyAccessFactory()
    with pytest.raises(Error, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE emergency_accesses SET {assignment} WHERE id = %s", [access.pk])


def test_t71_a_reason_is_emptied_once_and_no_access_is_deleted(patient):
    access = EmergencyAccessFactory(patient=patient)
    erase(patient.user)
    for statement in ("UPDATE emergency_accesses SET erased_at = now()", "DELETE FROM emergency_accesses"):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{statement} WHERE id = %s", [access.pk])


def test_papers_of_an_erased_person_say_what_the_invoice_says(patient, life):
    case, _treated, _loose = life
    erase(patient.user)
    fresh = Booking.objects.select_related("patient__user", "hospital").get(pk=case.pk)

    assert bill_to(fresh)["name"] == "Ximena-Unique Quijano-Unique"
    for receipt in Receipt.objects.filter(payment__booking=case):
        assert receipt_pdf(receipt, "ar").startswith(b"%PDF")


def test_records_of_a_treatment_are_sealed_and_the_others_are_gone(patient, life, django_capture_on_commit_callbacks):
    case, treated, loose = life
    with django_capture_on_commit_callbacks(execute=True):
        erase(patient.user)

    assert list(MedicalRecord.objects.filter(patient=patient)) == [treated]
    assert default_storage.exists(treated.file.name)
    assert not default_storage.exists(loose.file.name)
    for reader in (case.coordinator, case.hospital.admin_user, UserFactory(admin=True)):
        assert not MedicalRecord.objects.visible_to(reader).filter(pk=treated.pk).exists()


def test_sealed_records_go_when_their_time_is_over(patient, life, settings, django_capture_on_commit_callbacks):
    _case, treated, _loose = life
    erase(patient.user)
    forget_sealed_records()
    assert MedicalRecord.objects.filter(pk=treated.pk).exists()

    settings.CLINICAL_RETENTION = timedelta(days=0)
    with clock.at(clock.now() + timedelta(days=3)), django_capture_on_commit_callbacks(execute=True):
        forget_sealed_records()

    assert not MedicalRecord.objects.filter(pk=treated.pk).exists()
    assert not default_storage.exists(treated.file.name)


def test_records_of_people_who_are_there_are_never_touched(patient, life, settings):
    settings.CLINICAL_RETENTION = timedelta(days=0)
    with clock.at(clock.now() + timedelta(days=3)):
        forget_sealed_records()

    assert MedicalRecord.objects.filter(patient=patient).count() == 2


def test_files_stay_where_the_transaction_is_rolled_back(patient, life, django_capture_on_commit_callbacks):
    _case, _treated, loose = life
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        erase_own_account(patient.user)
        transaction.set_rollback(True)

    assert default_storage.exists(loose.file.name)
    assert User.objects.get(pk=patient.user_id).first_name == "Ximena-Unique"


def test_once_more_does_nothing(patient, life):
    erase(patient.user)
    version = User.objects.get(pk=patient.user_id).version
    with writing(None):
        erase_account(patient.user, actor=UserFactory(admin=True))

    assert User.objects.get(pk=patient.user_id).version == version


@pytest.mark.parametrize("status", [S.REQUESTED, S.ON_HOLD, S.IN_TREATMENT])
def test_t68_not_while_a_case_is_open(status):
    """T68: refused, and nothing is written."""
    with transaction.atomic():
        case = booking_in(status)
    user = case.patient.user

    with pytest.raises(OpenCases):
        erase(user)

    user.refresh_from_db()
    assert user.is_active
    assert user.erased_at is None


def test_not_while_money_is_owed():
    """What was paid too much is owed to the payer."""
    with transaction.atomic():
        case = booking_in(S.COMPLETED)
    Booking.objects.filter(pk=case.pk).update(amount_adjusted=10)

    with pytest.raises(MoneyOwed):
        erase(case.patient.user)


def test_not_while_a_refund_is_undecided():
    payment = billing.pay(billing.owing())
    Booking.objects.filter(pk=payment.booking_id).update(status=S.COMPLETED, total_amount=payment.amount)
    with writing(None):
        request_refund(payment, actor=UserFactory(coordinator=True), amount=payment.amount, reason="goodwill")

    with pytest.raises(MoneyOwed):
        erase(payment.booking.patient.user)


@pytest.mark.parametrize("role", ["coordinator", "doctor"])
def test_not_whoever_works_on_an_open_case(role):
    with transaction.atomic():
        case = booking_in(S.ACCEPTED)
        doctor = HospitalDoctorFactory(hospital=case.hospital).doctor
        Booking.objects.filter(pk=case.pk).update(doctor=doctor)

    with pytest.raises(OpenCases):
        erase(case.coordinator if role == "coordinator" else doctor.user)


def test_not_whoever_administers_a_hospital():
    with pytest.raises(AdministersHospital):
        erase(HospitalFactory().admin_user)


def test_not_the_last_admin_and_not_oneself_by_the_other_door():
    User.objects.filter(user_type="admin").update(is_active=False)
    admin = UserFactory(admin=True)

    with pytest.raises(LastAdmin):
        erase(admin)
    with pytest.raises(OwnAccount):
        erase_account(admin, actor=admin)


def test_only_admins_erase_others():
    with pytest.raises(Refused):
        erase_account(UserFactory(), actor=UserFactory(coordinator=True))


def test_a_doctor_leaves_no_more_than_a_specialty(django_capture_on_commit_callbacks):
    work = HospitalDoctorFactory(doctor__license_number=CANARY, doctor__bio=CANARY, doctor__qualification=CANARY)
    erase(work.doctor.user)

    work.refresh_from_db()
    work.doctor.refresh_from_db()
    assert work.end_date
    assert not work.doctor.is_active
    assert tables_with(CANARY) == set()


def test_nobody_opens_a_case_or_stores_a_file_for_who_is_gone(patient):
    erase(patient.user)
    stale = Patient.objects.select_related("user").get(pk=patient.pk)
    stale.user.is_active, stale.user.erased_at = True, None

    with pytest.raises(InvalidInput):
        request_booking(Wish(patient=stale, hospital=HospitalFactory(), booking_type="opinion"), actor=stale.user)
