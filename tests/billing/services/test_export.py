"""A person's copy of all that is held on them: what is in it, and that nothing of anybody else is."""

import io
import json
import tempfile
import time
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection, transaction

from apps.accounts.errors import TooManyExports
from apps.accounts.models import AccountExport, ExportState
from apps.accounts.services import erasure
from apps.accounts.services import export as exports
from apps.accounts.services.export import claim_export, keep_file, remove_orphans, request_export
from apps.accounts.services.sessions import Device, open_session
from apps.accounts.tasks import sweep_exports
from apps.billing.models import Invoice, Receipt
from apps.billing.services import export as making
from apps.billing.services.erasure import erase_own_account
from apps.billing.services.export import make_exports, write_export
from apps.bookings.models import Booking, Review
from apps.bookings.services.notes import add_note
from apps.bookings.states import BookingStatus as S
from apps.notifications.models import Channel, Notification
from medivoy.core import clock
from medivoy.core.context import writing
from tests import figures
from tests.factories.accounts import InvitationFactory, PasswordResetFactory, UserFactory
from tests.factories.bookings import booking_in, make_patient
from tests.factories.clinical import PDF, EmergencyAccessFactory, MedicalRecordFactory
from tests.factories.hospitals import HospitalDoctorFactory, HospitalFactory
from tests.race import contend

pytestmark = pytest.mark.django_db

SECRET = "internal-canary-5512"
STRANGER = "stranger-canary-9944"

# Every file, and every key of a row in it: nothing comes in by itself.
ACCOUNT = {
    "id", "email", "phone", "user_type", "first_name", "last_name", "profile_picture", "preferred_language",
    "timezone", "spoken_languages", "away_until", "is_verified", "last_login", "created_at", "updated_at",
    "has_second_factor",
}  # fmt: skip
KEYS = {
    "account.json": ACCOUNT,
    "sign_ins.json": {
        "device", "user_agent", "ip", "signed_in_at", "last_activity_at", "second_factor", "is_live",
    },
    "mailed_links.json": {"kind", "address", "created_at", "expires_at", "is_used"},
    "trail.json": {"happened_at", "by", "action", "entity_type", "entity_id", "ip", "user_agent"},
    "notifications.json": {
        "channel", "type", "title", "message", "language", "about", "about_id", "address", "created_at", "sent_at",
        "read_at",
    },
    "patient.json": {
        "id", "date_of_birth", "gender", "blood_group", "city", "address", "emergency_contact_name",
        "emergency_contact_phone", "insurance_provider", "insurance_policy_number", "medical_history", "allergies",
        "current_medications", "country",
    },
    "consents.json": {"hospital", "booking_id", "purpose", "starts_at", "ends_at", "revoked_at"},
    "records.json": {
        "id", "booking_id", "record_type", "title", "description", "file_size", "file_type", "sha256", "record_date",
        "is_shared_with_doctors", "created_at", "file",
    },
    "bookings.json": {
        "id", "booking_number", "booking_type", "status", "status_since", "created_at", "requested_date",
        "confirmed_date", "travellers", "currency", "payment_status", "medical_details", "notes", "waiting_on",
        "hold_reason", "review_on", "cancel_party", "cancel_reason", "policy_agreed", "admitted_on", "discharged_on",
        "outcome", "hospital", "treatment", "package", "doctor", "coordinator", "total_amount", "amount_paid",
        "amount_refunded", "amount_adjusted", "amount_kept", "balance", "milestones", "wanted_documents", "travel",
        "timeline",
    },
    "quotations.json": {
        "quotation_number", "booking_id", "version", "status", "currency", "tax_amount", "total", "doctor",
        "admission_date", "nights", "exclusions", "rests_on", "valid_until", "sent_at", "decline_reason", "lines",
        "accepted_at", "accepted_from",
    },
    "emergency_accesses.json": {"opened_by", "role", "reason", "created_at", "ends_at"},
    "reviews.json": {"booking_id", "hospital", "doctor", "rating", "review_text", "is_published", "created_at"},
    "payments.json": {
        "transaction_id", "booking_id", "amount", "currency", "payment_method", "payment_gateway",
        "gateway_transaction_id", "status", "payment_date", "failure_reason", "created_at", "receipt_number", "refunds",
    },
    "invoices.json": {
        "invoice_number", "booking_id", "issuer", "bill_to", "currency", "invoice_date", "due_date", "status",
        "total_amount", "tax_amount", "discount_amount", "final_amount", "lines", "credit_notes",
    },
}  # fmt: skip
EVENT = {"kind", "when", "who", "role", "from", "to", "reason", "notes", "data"}


def copy_of(user):
    """The ZIP as its owner opens it."""
    target = io.BytesIO()
    write_export(user, target)
    return zipfile.ZipFile(target)


def rows_in(archive, name):
    found = json.loads(archive.read(name))
    return found if isinstance(found, list) else [found]


@pytest.fixture
def case():
    """A patient who went all the way, and whose case holds words that were not for them."""
    with transaction.atomic():
        case = booking_in(S.FEEDBACK_RECEIVED, notes="Mine to read", medical_details={"pain": "knee"})
        Booking.objects.filter(pk=case.pk).update(internal_notes=SECRET, follow_up_note=SECRET, override_reason=SECRET)
        Review.objects.filter(booking=case).update(review_text="Thank you")
        add_note(case, actor=case.coordinator, visibility="staff", notes=SECRET, internal_notes=SECRET)
        add_note(case, actor=case.coordinator, visibility="hospital", notes=SECRET)
        add_note(case, actor=case.coordinator, visibility="patient", notes="For you", internal_notes=SECRET)
    user = case.patient.user
    with writing(user):
        open_session(user, device=Device("203.0.113.9", "Firefox"))
    PasswordResetFactory(user=user)
    MedicalRecordFactory(patient=case.patient, booking=case)
    EmergencyAccessFactory(patient=case.patient)
    return Booking.objects.select_related("patient__user", "coordinator", "hospital__admin_user").get(pk=case.pk)


@pytest.fixture
def neighbours(case):
    """Others at the same hospital, with the same coordinator."""
    other = make_patient(first_name=STRANGER, email=f"{STRANGER}@example.test")
    with transaction.atomic():
        booking_in(S.COMPLETED, patient=other, hospital=case.hospital, notes=STRANGER)
    MedicalRecordFactory(patient=other, title=STRANGER)
    EmergencyAccessFactory(patient=other, reason=STRANGER)
    return other


def test_each_file_has_its_keys_and_no_other(case):
    archive = copy_of(case.patient.user)

    assert {name for name in archive.namelist() if name.endswith(".json")} == set(KEYS)
    for name, keys in KEYS.items():
        rows = rows_in(archive, name)
        assert rows, name
        for row in rows:
            assert set(row) == keys, name
    for booking in rows_in(archive, "bookings.json"):
        assert booking["timeline"]
        assert all(set(event) == EVENT for event in booking["timeline"])


def test_files_and_papers_are_in_it(case):
    archive = copy_of(case.patient.user)

    (described,) = rows_in(archive, "records.json")
    assert archive.read(described["file"]) == PDF
    invoice = Invoice.objects.get(booking=case)
    receipts = Receipt.objects.filter(payment__booking=case)
    for name in [f"invoices/{invoice.invoice_number}.pdf", *(f"receipts/{row.receipt_number}.pdf" for row in receipts)]:
        assert archive.read(name).startswith(b"%PDF")
    assert archive.testzip() is None


def test_no_word_of_staff_and_none_of_anybody_else(case, neighbours):
    """T52, T54: internal notes, commission, other people's addresses, secrets and other patients."""
    user = case.patient.user
    archive = copy_of(user)
    everything = "\n".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".json"))

    assert "For you" in everything
    assert case.coordinator.get_full_name() in everything
    mails = Notification.objects.filter(user=user, channel=Channel.EMAIL)
    hidden = [SECRET, STRANGER, case.coordinator.email, case.hospital.admin_user.email, user.password, "commission"]
    for word in [*hidden, *(mail.secret_link for mail in mails if mail.secret_link)]:
        assert word not in everything, word


@pytest.mark.parametrize("role", ["coordinator", "admin", "hospital_admin", "translator", "doctor"])
def test_t17_staff_take_away_their_own_account_alone(role, case, neighbours):
    """T17: not what their role may read."""
    people = {
        "coordinator": lambda: case.coordinator,
        "admin": lambda: UserFactory(admin=True),
        "hospital_admin": lambda: case.hospital.admin_user,
        "translator": lambda: UserFactory(translator=True),
        "doctor": lambda: HospitalDoctorFactory(hospital=case.hospital).doctor.user,
    }
    archive = copy_of(people[role]())

    names = {"account.json", "sign_ins.json", "mailed_links.json", "trail.json", "notifications.json"}
    more = {"doctor": {"doctor.json"}, "hospital_admin": {"hospitals.json"}}.get(role, set())
    assert set(archive.namelist()) == names | more
    for name in archive.namelist():
        assert case.patient.user.email not in archive.read(name).decode()


def test_names_in_the_archive_are_ours(case):
    """T54: no title leads out of the folder where it is unpacked, and nothing is a formula's cell."""
    MedicalRecordFactory(patient=case.patient, title="../../etc/=cmd|' /C calc'!A0")

    for name in copy_of(case.patient.user).namelist():
        assert name.count("/") <= 1
        assert name.rpartition(".")[2] in ("json", "pdf")
        assert ".." not in name


def test_a_lost_file_does_not_hold_up_the_rest(case):
    record = MedicalRecordFactory(patient=case.patient)
    default_storage.delete(record.file.name)

    assert len(rows_in(copy_of(case.patient.user), "records.json")) == 2


# --- asking for it, making it, throwing it away ---


def asked(user=None):
    return request_export(user or UserFactory())


def state_of(export):
    return AccountExport.objects.get(pk=export.pk).state


def files_of(export):
    """The names of all that lies stored of somebody's copies."""
    folder = f"exports/{export.user_id}"
    return default_storage.listdir(folder)[1] if default_storage.exists(folder) else []


def test_it_is_made_told_and_thrown_away(settings, django_capture_on_commit_callbacks):
    export = asked()

    assert make_exports() >= 1
    assert make_exports() == 0

    export.refresh_from_db()
    assert export.state == ExportState.READY
    assert default_storage.exists(export.file.name)
    told = Notification.objects.filter(user=export.user, type="export_ready")
    assert set(told.values_list("channel", flat=True)) == {"in_app", "email"}
    assert str(export.pk) in told.get(channel="email").link
    with clock.at(clock.now() + settings.EXPORT_LIFETIME), django_capture_on_commit_callbacks(execute=True):
        sweep_exports()
    assert state_of(export) == ExportState.GONE
    assert not default_storage.exists(export.file.name)


def test_one_is_made_at_a_time_and_a_few_a_day(settings):
    user = UserFactory()
    first = asked(user)
    assert asked(user) == first

    for _number in range(settings.EXPORTS_A_DAY):
        AccountExport.objects.filter(user=user).update(state=ExportState.GONE)
        if AccountExport.objects.filter(user=user).count() < settings.EXPORTS_A_DAY:
            asked(user)
    with pytest.raises(TooManyExports):
        asked(user)
    with clock.at(clock.now() + timedelta(days=1, seconds=1)):
        assert asked(user)


def test_one_that_breaks_is_tried_again_then_given_up_and_told(settings, monkeypatch):
    export = asked()
    monkeypatch.setattr(making, "write_export", lambda user, target: 1 / 0)
    monkeypatch.setattr(exports, "LEASE", timedelta(0))

    for _attempt in range(2):
        make_exports()

    assert state_of(export) == ExportState.FAILED
    assert AccountExport.objects.get(pk=export.pk).attempts == settings.EXPORT_MAX_ATTEMPTS
    assert Notification.objects.filter(user=export.user, type="export_failed").exists()
    assert files_of(export) == []


def test_a_broken_one_waits_and_keeps_no_other_waiting(monkeypatch):
    broken, good = asked(), asked()
    write = making.write_export

    def write_or_break(user, target):
        if user == broken.user:
            raise OSError
        write(user, target)

    monkeypatch.setattr(making, "write_export", write_or_break)
    make_exports()

    assert (state_of(broken), state_of(good)) == (ExportState.REQUESTED, ExportState.READY)


def test_a_worker_that_died_is_replaced(monkeypatch):
    export = asked()
    first = claim_export()
    assert claim_export() is None
    monkeypatch.setattr(exports, "LEASE", timedelta(0))

    second = claim_export()

    assert second == first == export
    assert keep_file(second, io.BytesIO(b"PK"))
    assert not keep_file(first, io.BytesIO(b"late"))
    kept = AccountExport.objects.get(pk=export.pk)
    assert kept.file.read() == b"PK"
    assert len(files_of(export)) == 1


def test_nothing_is_kept_of_who_was_erased_meanwhile(django_capture_on_commit_callbacks):
    export = asked()
    claimed = claim_export()
    with django_capture_on_commit_callbacks(execute=True):
        erase_own_account(export.user)

    assert not keep_file(claimed, io.BytesIO(b"PK"))
    assert files_of(export) == []


class Slow(io.BytesIO):
    """Takes its time, as gigabytes do."""

    def read(self, size=-1):
        time.sleep(0.4)
        return super().read(size)


@pytest.mark.django_db(transaction=True)
def test_a_large_copy_is_stored_while_no_transaction_waits():
    asked()
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '200ms'")
    try:
        assert keep_file(claim_export(), Slow(b"PK"))
    finally:
        connection.close()


def test_it_is_made_on_the_disk_of_the_uploads(settings, monkeypatch, tmp_path):
    """/tmp may be memory; and the folder of the uploads may be new."""
    settings.MEDIA_ROOT = tmp_path / "fresh"
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    export = asked()

    make_exports()

    assert state_of(export) == ExportState.READY
    assert [path.name for path in settings.MEDIA_ROOT.iterdir()] == ["exports"]


def die_before_the_row(export):
    """Leave what a worker leaves that dies when the file is stored."""
    default_storage.save(export.stored_as, io.BytesIO(b"left behind"))


def test_what_a_dead_worker_left_goes_with_the_next_attempt(monkeypatch, django_capture_on_commit_callbacks):
    export = asked()
    die_before_the_row(claim_export())
    monkeypatch.setattr(exports, "LEASE", timedelta(0))

    with django_capture_on_commit_callbacks(execute=True):
        second = claim_export()

    assert files_of(export) == []
    assert keep_file(second, io.BytesIO(b"PK"))


def test_what_a_dead_worker_left_goes_when_it_is_given_up(settings, monkeypatch, django_capture_on_commit_callbacks):
    settings.EXPORT_MAX_ATTEMPTS = 1
    export = asked()
    die_before_the_row(claim_export())
    monkeypatch.setattr(exports, "LEASE", timedelta(0))

    with django_capture_on_commit_callbacks(execute=True):
        assert claim_export() is None

    assert state_of(export) == ExportState.FAILED
    assert files_of(export) == []


def test_what_a_dead_worker_left_of_an_erased_account_is_swept_up(django_capture_on_commit_callbacks):
    export, other, ready = asked(), asked(), asked()
    claimed = [claim_export() for _number in range(3)]
    assert keep_file(next(row for row in claimed if row == ready), io.BytesIO(b"PK"))
    under_way = next(row for row in claimed if row == other)
    die_before_the_row(under_way)
    with django_capture_on_commit_callbacks(execute=True):
        erase_own_account(export.user)
    die_before_the_row(next(row for row in claimed if row == export))

    sweep_exports()

    assert files_of(export) == []
    assert len(files_of(other)) == len(files_of(ready)) == 1


def test_a_sweep_leaves_what_is_about_to_get_its_row(monkeypatch):
    export = asked()
    late = claim_export()
    monkeypatch.setattr(exports, "LEASE", timedelta(0))
    second = claim_export()
    die_before_the_row(late)
    store = FileSystemStorage._save

    def store_and_sweep(*args):
        name = store(*args)
        remove_orphans()
        return name

    monkeypatch.setattr(FileSystemStorage, "_save", store_and_sweep)

    assert keep_file(second, io.BytesIO(b"PK"))
    assert AccountExport.objects.get(pk=export.pk).file.read() == b"PK"
    assert len(files_of(export)) == 1


@pytest.mark.django_db(transaction=True)
def test_no_worker_takes_the_copy_of_an_account_that_is_being_erased(monkeypatch):
    export = asked()
    claim_export()
    monkeypatch.setattr(exports, "LEASE", timedelta(0))
    forget = erasure.delete_after_commit

    def forget_late(*args):
        assert contend(lambda number: make_exports(), 1) == [0]
        forget(*args)

    monkeypatch.setattr(erasure, "delete_after_commit", forget_late)
    with writing(None):
        erase_own_account(export.user)

    assert files_of(export) == []


def test_a_storage_without_copies_has_no_orphans(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "fresh"
    assert remove_orphans() == 0


@pytest.mark.django_db(transaction=True)
def test_an_account_that_is_erased_while_its_copy_is_stored_leaves_none(monkeypatch):
    export = asked()
    store = FileSystemStorage._save

    def store_and_erase(*args):
        name = store(*args)
        with writing(None):
            erase_own_account(export.user)
        return name

    claimed = claim_export()
    monkeypatch.setattr(FileSystemStorage, "_save", store_and_erase)

    assert not keep_file(claimed, io.BytesIO(b"PK"))
    assert files_of(export) == []


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_stored_leaves_nothing(monkeypatch):
    export = asked()

    class Full(io.BytesIO):
        def read(self, size=-1):
            raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        keep_file(claim_export(), Full(b"PK"))

    assert files_of(export) == []
    assert state_of(export) == ExportState.REQUESTED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(figures.ROUNDS))
def test_two_workers_make_each_once(_round):
    wanted = [asked() for _number in range(4)]

    made = contend(lambda number: make_exports(), 4)

    assert sum(made) == len(wanted), made
    for export in wanted:
        assert Notification.objects.filter(user=export.user, type="export_ready", channel="email").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_requests_at_once_one_row_is_made():
    user = UserFactory()

    results = contend(lambda number: request_export(user))

    assert len({export.pk for export in results}) == 1


def test_an_invitation_is_in_the_list_of_mailed_links():
    invitation = InvitationFactory()

    kinds = [row["kind"] for row in rows_in(copy_of(invitation.user), "mailed_links.json")]
    assert kinds == ["invitation"]


def test_hospitals_are_named_to_who_administers_them():
    hospital = HospitalFactory()

    (row,) = rows_in(copy_of(hospital.admin_user), "hospitals.json")
    assert row["name"] == hospital.name
