"""GET and POST /medical-records, /medical-records/:id, and /patients/:id/medical-records."""

import hashlib
import uuid
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError

from apps.bookings.models import Booking, WantedDocument, WantedState
from apps.bookings.states import BookingStatus, WaitingOn
from apps.clinical.models import Consent, MedicalRecord
from apps.clinical.services import records
from medivoy.core import clock
from tests.clinical import samples
from tests.counting import queries
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in, requested, step
from tests.factories.clinical import MedicalRecordFactory, PatientFactory
from tests.factories.hospitals import DoctorFactory, HospitalFactory
from tests.figures import NOBODY

pytestmark = pytest.mark.django_db

PUBLIC = {
    "id",
    "patient_id",
    "patient",
    "booking_id",
    "record_type",
    "title",
    "description",
    "file_size",
    "file_type",
    "sha256",
    "uploaded_by_user_id",
    "uploaded_by",
    "record_date",
    "is_shared_with_doctors",
    "created_at",
    "updated_at",
}


def upload(client, data=samples.GOOD_PDF, name="scan.pdf", **form):
    """Send a file as a browser would."""
    file = SimpleUploadedFile(name, data, content_type="application/x-whatever")
    form = {"record_type": "xray", "title": "Chest X-ray", "file": file} | form
    sent = {key: value for key, value in form.items() if value is not None}
    return client.post("/medical-records", sent, format="multipart")


def ids(response):
    assert response.status_code == 200, response.json()
    return {row["id"] for row in response.json()["data"]}


def stored_files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


# --- sending in


def test_a_patient_sends_in_a_file(api, patient, private_files):
    answer = upload(api.as_(patient.user), description="Routine", record_date="2026-11-01")
    assert answer.status_code == 201
    row = answer.json()["data"]
    assert set(row) == PUBLIC
    assert (row["patient_id"], row["booking_id"]) == (str(patient.pk), None)
    assert (row["file_type"], row["file_size"]) == ("application/pdf", len(samples.GOOD_PDF))
    assert row["is_shared_with_doctors"] is False
    record = MedicalRecord.objects.get()
    assert record.file.read() == samples.GOOD_PDF
    assert record.sha256 == hashlib.sha256(samples.GOOD_PDF).hexdigest()
    assert (record.uploaded_by_user, record.record_date) == (patient.user, date(2026, 11, 1))


def test_the_file_lies_by_ids_alone_and_no_answer_says_where(api, patient, private_files):
    """T52."""
    answer = upload(api.as_(patient.user), name="../../Jane Roe HIV.pdf")
    record = MedicalRecord.objects.get()
    assert record.file.name == f"medical-records/{patient.pk}/{record.pk}"
    (path,) = stored_files(private_files)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert "Jane" not in answer.content.decode()
    assert "medical-records/" not in answer.content.decode()


def test_a_client_sets_neither_address_nor_owner_of_a_file(api, patient, other_patient):
    """T52."""
    mine = {
        "file_url": "/etc/passwd",
        "sha256": "0",
        "file_type": "text/html",
        "uploaded_by_user_id": str(uuid.uuid4()),
    }
    upload(api.as_(patient.user), **mine)
    record = MedicalRecord.objects.get()
    assert record.file_type == "application/pdf"
    assert record.uploaded_by_user == patient.user


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (samples.picture(), "image/jpeg"),
        (samples.picture("PNG"), "image/png"),
        (samples.picture("TIFF"), "image/tiff"),
        (samples.picture("TIFF", compression="tiff_lzw"), "image/tiff"),
        (samples.picture("TIFF", size=(1200, 1000)), "image/tiff"),
        (samples.dicom(), "application/dicom"),
    ],
)
def test_the_type_is_that_of_the_content(api, patient, data, media_type):
    """T49."""
    answer = upload(api.as_(patient.user), data, name="index.html")
    assert answer.json()["data"]["file_type"] == media_type


def test_an_image_is_kept_without_what_it_says_of_people(api, patient):
    """T51."""
    upload(api.as_(patient.user), samples.telling_jpeg())
    assert samples.SECRET.encode() not in MedicalRecord.objects.get().file.read()


@pytest.mark.parametrize("data", [b"", b"hello", b"<html>", samples.picture()[:50], samples.bomb_png()])
def test_bad_files_are_a_400_and_nothing_is_kept(api, patient, private_files, data):
    answer = upload(api.as_(patient.user), data)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["file"]
    assert not MedicalRecord.objects.exists()
    assert not stored_files(private_files)


def test_larger_than_the_limit_is_a_413(api, patient, settings):
    settings.MEDICAL_RECORD_MAX_BYTES = 100
    assert upload(api.as_(patient.user), samples.GOOD_PDF + b" " * 100).status_code == 413
    settings.UPLOAD_MAX_BYTES = 100
    assert upload(api.as_(patient.user)).status_code == 413


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("file", None),
        ("file", "text"),
        ("record_type", None),
        ("record_type", "selfie"),
        ("title", None),
        ("title", " "),
        ("title", "x" * 256),
        ("title", "a\x00b"),
        ("description", "x" * 5001),
        ("record_date", "yesterday"),
        ("record_date", "2999-01-01"),
        ("record_date", "0001-01-01"),
        ("patient_id", "x"),
        ("patient_id", NOBODY),
        ("booking_id", "x"),
        ("booking_id", NOBODY),
        ("wanted_id", NOBODY),
        ("is_shared_with_doctors", "perhaps"),
    ],
)
def test_bad_input_is_a_400_on_the_field_and_nothing_is_kept(api, patient, private_files, field, value):
    answer = upload(api.as_(patient.user), **{field: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not MedicalRecord.objects.exists()
    assert not stored_files(private_files)


def test_json_is_a_415_and_a_torn_form_a_400(api, patient):
    client = api.as_(patient.user)
    assert client.post("/medical-records", {"title": "x"}).status_code == 415
    torn = client.generic("POST", "/medical-records", b"--x\r\nbroken", content_type="multipart/form-data; boundary=y")
    assert torn.status_code == 400


def test_until_the_e_mail_is_proven_nothing_is_taken(api):
    """T3."""
    patient = PatientFactory(user__is_verified=False)
    answer = upload(api.as_(patient.user))
    assert (answer.status_code, answer.json()["code"]) == (403, "email_not_verified")


@pytest.mark.parametrize("role", ["doctor", "hospital_admin", "translator", "admin"])
def test_only_patients_and_coordinators_send_in(api, role):
    assert upload(api.as_(UserFactory(**{role: True}))).status_code == 403
    assert upload(api).status_code == 401
    assert not MedicalRecord.objects.exists()


def test_a_patient_sends_in_for_nobody_else(api, patient, other_patient):
    """T19."""
    others = upload(api.as_(patient.user), patient_id=str(other_patient.pk))
    unknown = upload(api.as_(patient.user), patient_id=str(uuid.uuid4()))
    assert others.status_code == unknown.status_code == 400
    assert others.json() == unknown.json()
    assert upload(api.as_(patient.user), patient_id=str(patient.pk)).status_code == 201


def test_a_coordinator_sends_in_for_a_patient_with_an_open_case(api, booking, coordinator, other_patient):
    client = api.as_(coordinator)
    assert upload(client, patient_id=str(booking.patient_id)).status_code == 201
    for patient_id in (None, str(other_patient.pk)):
        answer = upload(client, patient_id=patient_id)
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == ["patient_id"]
    assert MedicalRecord.objects.get().uploaded_by_user == coordinator


# --- for a booking


def test_a_document_of_a_booking_is_shared_by_default(api, booking, patient):
    answer = upload(api.as_(patient.user), booking_id=str(booking.pk))
    row = answer.json()["data"]
    assert (row["booking_id"], row["is_shared_with_doctors"]) == (str(booking.pk), True)
    kept = upload(api.as_(patient.user), booking_id=str(booking.pk), is_shared_with_doctors="false")
    assert kept.json()["data"]["is_shared_with_doctors"] is False
    shared = upload(api.as_(patient.user), is_shared_with_doctors="true")
    assert shared.json()["data"]["is_shared_with_doctors"] is True


def test_what_was_wanted_becomes_received_and_the_case_goes_on(api, patient, coordinator):
    booking = booking_in(BookingStatus.ACCEPTED, patient=patient)
    step(booking, BookingStatus.AWAITING_MEDICAL_DETAILS, wanted=[{"type": "mri", "why": "Recent one"}])
    wanted = WantedDocument.objects.get()
    answer = upload(api.as_(patient.user), record_type="mri", wanted_id=str(wanted.pk))
    assert answer.status_code == 201
    assert answer.json()["data"]["booking_id"] == str(booking.pk)
    assert answer.json()["data"]["is_shared_with_doctors"] is True
    wanted.refresh_from_db()
    assert (wanted.state, wanted.record_id) == (WantedState.RECEIVED, MedicalRecord.objects.get().pk)
    booking.refresh_from_db()
    assert booking.waiting_on == WaitingOn.COORDINATOR
    assert booking.events.filter(kind="document").exists()


def test_a_booking_of_somebody_else_is_an_unknown_id(api, booking, other_patient, private_files):
    """T19."""
    others = upload(api.as_(other_patient.user), booking_id=str(booking.pk))
    unknown = upload(api.as_(other_patient.user), booking_id=str(uuid.uuid4()))
    assert others.status_code == unknown.status_code == 400
    assert others.json() == unknown.json()
    assert not MedicalRecord.objects.exists()
    assert not stored_files(private_files)


def test_a_document_that_is_not_wanted_any_more_is_a_409(api, booking, patient, private_files):
    wanted = WantedDocument.objects.create(booking=booking, type="mri", state=WantedState.ACCEPTED)
    answer = upload(api.as_(patient.user), wanted_id=str(wanted.pk))
    assert (answer.status_code, answer.json()["code"]) == (409, "not_wanted")
    assert not MedicalRecord.objects.exists()
    assert not stored_files(private_files)


def test_a_patient_has_so_much_room(api, patient, settings, private_files):
    """T50."""
    settings.RECORDS_MAX_COUNT = 1
    assert upload(api.as_(patient.user)).status_code == 201
    answer = upload(api.as_(patient.user))
    assert (answer.status_code, answer.json()["code"]) == (409, "quota_exceeded")
    settings.RECORDS_MAX_COUNT, settings.RECORDS_MAX_BYTES = 10, 2 * len(samples.GOOD_PDF) - 1
    assert upload(api.as_(patient.user)).json()["code"] == "quota_exceeded"
    assert len(stored_files(private_files)) == MedicalRecord.objects.count() == 1


def test_a_row_that_cannot_be_written_leaves_no_file(api, patient, private_files, monkeypatch):
    def fail(self, **kwargs):
        raise DatabaseError("the disk of the database is full")

    monkeypatch.setattr(records.MedicalRecord, "save", fail)
    client = api.as_(patient.user)
    client.raise_request_exception = False
    assert upload(client).status_code == 500
    assert not stored_files(private_files)


# --- reading: who, by which consent


def test_the_patient_reads_theirs(api, patient, other_patient):
    mine, others = MedicalRecordFactory(patient=patient), MedicalRecordFactory(patient=other_patient)
    client = api.as_(patient.user)
    assert ids(client.get("/medical-records")) == {str(mine.pk)}
    assert set(client.get(f"/medical-records/{mine.pk}").json()["data"]) == PUBLIC
    assert client.get(f"/medical-records/{others.pk}").status_code == 404


def test_a_coordinator_reads_those_of_patients_with_an_open_case(api, booking, coordinator, other_patient):
    own = MedicalRecordFactory(patient=booking.patient)
    MedicalRecordFactory(patient=other_patient)
    client = api.as_(coordinator)
    assert ids(client.get("/medical-records")) == {str(own.pk)}
    step(booking, BookingStatus.CANCELLED, party="patient", reason="changed_mind")
    assert ids(client.get("/medical-records")) == set()
    assert client.get(f"/medical-records/{own.pk}").status_code == 404


def test_a_second_open_case_shows_nothing_twice(api, booking, patient, coordinator):
    MedicalRecordFactory(patient=patient)
    requested(patient=patient)
    assert len(api.as_(coordinator).get("/medical-records").json()["data"]) == 1


def test_a_hospital_reads_the_case_s_documents_and_no_others(api, document, patient, owner):
    MedicalRecordFactory(patient=patient)
    elsewhere = requested(patient=patient)
    other = MedicalRecordFactory(patient=patient, booking=elsewhere, is_shared_with_doctors=True)
    assert ids(api.as_(owner).get("/medical-records")) == {str(document.pk)}
    assert ids(api.as_(elsewhere.hospital.admin_user).get("/medical-records")) == {str(other.pk)}
    assert ids(api.as_(HospitalFactory().admin_user).get("/medical-records")) == set()


def test_the_doctor_named_on_the_case_reads_what_is_shared_with_doctors(api, document, booking, doctor):
    """T17."""
    MedicalRecordFactory(patient=booking.patient, booking=booking, is_shared_with_doctors=False)
    MedicalRecordFactory(patient=booking.patient, is_shared_with_doctors=True)
    assert ids(api.as_(doctor.user).get("/medical-records")) == {str(document.pk)}
    another = DoctorFactory()
    assert ids(api.as_(another.user).get("/medical-records")) == set()
    assert api.as_(another.user).get(f"/medical-records/{document.pk}").status_code == 404


def test_a_doctor_whose_licence_is_not_verified_reads_nothing(api, document, doctor):
    """T1."""
    type(doctor).objects.filter(pk=doctor.pk).update(is_verified=False)
    assert ids(api.as_(doctor.user).get("/medical-records")) == set()


def test_without_a_consent_in_force_nobody_reads(api, document, owner, doctor):
    def readers():
        return [bool(ids(api.as_(user).get("/medical-records"))) for user in (owner, doctor.user)]

    consent = Consent.objects.get()
    assert readers() == [True, True]
    for change in (
        {"ends_at": clock.now() - timedelta(seconds=1)},
        {"revoked_at": clock.now()},
        {"starts_at": clock.now() + timedelta(hours=1)},
    ):
        Consent.objects.filter(pk=consent.pk).update(**change)
        assert readers() == [False, False]
        Consent.objects.filter(pk=consent.pk).update(ends_at=None, revoked_at=None, starts_at=consent.starts_at)
    assert readers() == [True, True]


def test_the_consent_runs_out_thirty_days_after_a_case_ended_unaccepted(api, document, booking, owner):
    step(booking, BookingStatus.CANCELLED, party="patient", reason="changed_mind")
    path = f"/medical-records/{document.pk}"
    for days, status in ((29, 200), (31, 404)):
        with clock.at(clock.now() + timedelta(days=days)):
            assert api.as_(owner).get(path).status_code == status


def test_the_consent_turns_to_treatment_and_ends_ninety_days_after_discharge(api, patient, coordinator):
    booking = booking_in(BookingStatus.COMPLETED, patient=patient)
    assert {consent.purpose for consent in Consent.objects.filter(booking=booking)} == {"quotation", "treatment"}
    document = MedicalRecordFactory(patient=patient, booking=booking, is_shared_with_doctors=True)
    owner = Booking.objects.get(pk=booking.pk).hospital.admin_user
    for days, status in ((88, 200), (92, 404)):
        with clock.at(clock.now() + timedelta(days=days)):
            assert api.as_(owner).get(f"/medical-records/{document.pk}").status_code == status


@pytest.mark.parametrize("role", ["admin", "translator"])
def test_admins_and_translators_never_read(api, document, role):
    """T17."""
    client = api.as_(UserFactory(**{role: True}))
    paths = (
        "/medical-records",
        f"/medical-records/{document.pk}",
        f"/medical-records/{document.pk}/download",
        f"/patients/{document.patient_id}/medical-records",
    )
    for path in paths:
        assert client.get(path).status_code == 403
        assert api.get(path).status_code == 401


def test_an_unknown_and_a_foreign_id_are_answered_alike(api, document, other_patient):
    client = api.as_(other_patient.user)
    foreign = client.get(f"/medical-records/{document.pk}")
    unknown = client.get(f"/medical-records/{uuid.uuid4()}")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()


# --- lists


def test_filters(api, patient, booking):
    old = MedicalRecordFactory(patient=patient, record_type="mri", record_date="2026-01-31")
    new = MedicalRecordFactory(patient=patient, record_type="xray", record_date="2026-02-01", booking=booking)
    undated = MedicalRecordFactory(patient=patient, record_type="other")
    client = api.as_(patient.user)

    def found(**params):
        return ids(client.get("/medical-records", params))

    assert found(record_type="mri") == {str(old.pk)}
    assert found(date_from="2026-02-01") == {str(new.pk)}
    assert found(date_to="2026-01-31") == {str(old.pk)}
    assert found(booking_id=str(booking.pk)) == {str(new.pk)}
    assert found(patient_id=str(patient.pk)) == {str(old.pk), str(new.pk), str(undated.pk)}
    assert found(patient_id=str(uuid.uuid4())) == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("record_type", "selfie"),
        ("date_from", "01/02/2026"),
        ("date_to", "x"),
        ("patient_id", "x"),
        ("ordering", "file"),
        ("ordering", "sha256"),
    ],
)
def test_an_unknown_filter_value_is_a_400(api, patient, name, value):
    """T25."""
    response = api.as_(patient.user).get("/medical-records", {name: value})
    assert response.status_code == 400
    assert name in response.json()["errors"]


def test_the_newest_come_first(api, patient):
    first, second = MedicalRecordFactory(patient=patient), MedicalRecordFactory(patient=patient)
    rows = api.as_(patient.user).get("/medical-records").json()["data"]
    assert [row["id"] for row in rows] == [str(second.pk), str(first.pk)]


def test_a_list_costs_the_same_for_one_row_and_three(api, document, owner):
    client = api.as_(owner)
    paths = ("/medical-records", f"/patients/{document.patient_id}/medical-records")
    one = [queries(lambda path=path: client.get(path)) for path in paths]
    MedicalRecordFactory.create_batch(2, patient=document.patient, booking=document.booking)
    assert [queries(lambda path=path: client.get(path)) for path in paths] == one


def test_the_records_of_one_patient(api, document, patient, other_patient, owner, doctor, coordinator):
    private = MedicalRecordFactory(patient=patient)
    path = f"/patients/{patient.pk}/medical-records"
    assert ids(api.as_(patient.user).get(path)) == {str(document.pk), str(private.pk)}
    assert ids(api.as_(coordinator).get(path)) == {str(document.pk), str(private.pk)}
    assert ids(api.as_(owner).get(path)) == ids(api.as_(doctor.user).get(path)) == {str(document.pk)}
    assert api.as_(other_patient.user).get(path).status_code == 404
    assert api.as_(HospitalFactory().admin_user).get(path).status_code == 404
    assert ids(api.as_(patient.user).get(path, {"record_type": "mri"})) == set()
