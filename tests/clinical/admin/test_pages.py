"""Patients and their records in the console: who sees what, and enrolling somebody."""

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts.models import PasswordReset, User
from apps.billing.services.erasure import erase_own_account
from apps.bookings.models import WantedDocument
from apps.bookings.states import BookingStatus
from apps.clinical.models import EmergencyAccess, Patient
from medivoy.core import clock
from medivoy.core.context import writing
from tests.factories.accounts import UserFactory
from tests.factories.bookings import step
from tests.factories.clinical import PDF, MedicalRecordFactory, PatientFactory
from tests.trail import fields_of, told_of

pytestmark = pytest.mark.django_db

NEW = {
    "email": "Noura@Patient.test",
    "first_name": "Noura",
    "last_name": "Saleh",
    "phone": "+965 9988 7766",
    "preferred_language": "ar",
    "timezone": "Asia/Kuwait",
    "country": "KW",
    "allergies": "Latex\r\nPenicillin",
}
ADD = "admin:clinical_patient_add"


def page(name, row=None, view="change"):
    names = f"admin:clinical_{name}"
    return reverse(f"{names}_{view}", args=[row.pk]) if row else reverse(f"{names}_changelist")


@pytest.fixture
def console(client):
    """Return the browser of somebody who is signed in."""

    def open_as(user):
        client.force_login(user)
        return client

    return open_as


# --- patients


def test_lists_and_pages_open_and_are_searched(console, coordinator):
    noura = PatientFactory(user__first_name="Noura", user__phone="+96599887766")
    PatientFactory(user__first_name="Omar")
    browser = console(coordinator)
    for text in ("nora", "+96599887766", noura.user.email):
        rows = browser.get(page("patient"), {"q": text}).context["cl"].result_list
        assert rows[0].pk == noura.pk
    assert len(browser.get(page("patient")).context["cl"].result_list) == 2
    assert browser.get(page("patient", noura)).status_code == 200


def test_a_coordinator_sees_and_changes_the_clinical_profile(console, coordinator):
    patient = PatientFactory()
    browser = console(coordinator)
    assert "Penicillin" in browser.get(page("patient", patient)).content.decode()
    response = browser.post(page("patient", patient), {"city": "Hawalli", "country": "KW", "allergies": "Latex"})
    assert response.status_code == 302, response.context["adminform"].form.errors
    patient.refresh_from_db()
    assert (patient.city, patient.allergies) == ("Hawalli", ["Latex"])


def test_an_admin_neither_sees_nor_changes_it(console, admin):
    """T17."""
    patient = PatientFactory(medical_history=["Diabetes"])
    browser = console(admin)
    content = browser.get(page("patient", patient)).content.decode()
    assert "Penicillin" not in content
    assert "Diabetes" not in content
    assert "A+" not in content
    browser.post(page("patient", patient), {"city": "Hawalli", "country": "KW", "allergies": "", "blood_group": "O-"})
    patient.refresh_from_db()
    assert (patient.city, patient.allergies, patient.blood_group) == ("Hawalli", ["Penicillin"], "A+")


def test_translators_see_no_patients(console, translator):
    patient = PatientFactory()
    for path in (page("patient"), page("patient", patient), page("medicalrecord"), reverse(ADD)):
        assert console(translator).get(path).status_code == 403


@pytest.mark.parametrize("role", ["coordinator", "admin"])
def test_staff_enrol_a_patient(console, role):
    browser = console(UserFactory(**{role: True}))
    assert browser.get(reverse(ADD)).status_code == 200
    response = browser.post(reverse(ADD), NEW)
    assert response.status_code == 302, response.context["adminform"].form.errors
    patient = Patient.objects.get()
    user = patient.user
    assert (user.email, user.phone, user.preferred_language) == ("noura@patient.test", "+96599887766", "ar")
    assert (user.user_type, user.is_verified, user.has_usable_password()) == ("patient", False, False)
    assert patient.allergies == (["Latex", "Penicillin"] if role == "coordinator" else [])
    assert PasswordReset.objects.filter(user=user).count() == 1
    assert browser.get(page("patient", patient)).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "x"),
        ("first_name", ""),
        ("last_name", "\u202eoaR"),
        ("phone", "12"),
        ("country", "XX"),
        ("timezone", "Mars"),
        ("email", None),
    ],
)
def test_bad_input_is_shown_and_makes_nobody(console, coordinator, field, value):
    known = UserFactory(email="known@person.test")
    sent = NEW | {field: known.email.upper() if value is None else value}
    response = console(coordinator).post(reverse(ADD), sent)
    assert list(response.context["adminform"].form.errors) == [field]
    assert not Patient.objects.exists()
    assert not User.objects.filter(email="noura@patient.test").exists()


def test_t68_the_page_of_who_was_erased_has_nothing_to_fill_in(console, coordinator, patient):
    """T68."""
    with writing(None):
        erase_own_account(patient.user)
    page = reverse("admin:clinical_patient_change", args=[patient.pk])

    assert b"<textarea" not in console(coordinator).get(page).content
    console(coordinator).post(page, {"city": "Back again"})

    patient.refresh_from_db()
    assert patient.city == ""


def test_nobody_is_deleted(console, admin):
    patient = PatientFactory()
    assert console(admin).post(page("patient", patient, "delete"), {"post": "yes"}).status_code == 403
    assert Patient.objects.exists()


# --- records


def test_a_coordinator_reads_records_of_open_cases(console, document, booking, coordinator):
    MedicalRecordFactory(title="Of a patient without a case")
    browser = console(coordinator)
    assert [row.pk for row in browser.get(page("medicalrecord")).context["cl"].result_list] == [document.pk]
    content = browser.get(page("medicalrecord", document)).content.decode()
    assert document.title in content
    assert document.file.name not in content
    response = browser.get(page("medicalrecord", document, "file"))
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"].startswith("sandbox")
    step(booking, BookingStatus.CANCELLED, party="patient", reason="changed_mind")
    assert browser.get(page("medicalrecord", document, "file")).status_code == 404
    assert browser.get(page("medicalrecord")).context["cl"].result_list.count() == 0


def test_nothing_of_a_record_is_written_here(console, document, coordinator):
    browser = console(coordinator)
    assert browser.post(page("medicalrecord", document), {"title": "X"}).status_code == 403
    assert browser.get(reverse("admin:clinical_medicalrecord_add")).status_code == 403
    assert browser.get(page("medicalrecord", document, "delete")).status_code == 403


@pytest.mark.parametrize("role", ["admin", "translator"])
def test_admins_and_translators_see_no_records(console, document, role):
    """T17."""
    browser = console(UserFactory(**{role: True}))
    for path in (
        page("medicalrecord"),
        page("medicalrecord", document),
        page("medicalrecord", document, "file"),
    ):
        assert browser.get(path).status_code == 403


def test_a_file_that_the_storage_lost_is_a_404(console, document, coordinator):
    document.file.storage.delete(document.file.name)
    assert console(coordinator).get(page("medicalrecord", document, "file")).status_code == 404


# --- what the trail knows of it


def test_t61_what_a_coordinator_is_shown_is_recorded(console, coordinator, document):
    browser = console(coordinator)
    owner = document.patient.user_id
    seen = ("read", "medical_record", str(document.pk), owner)

    browser.get(page("medicalrecord"))
    assert told_of(coordinator) == [seen]
    browser.get(page("medicalrecord", document))
    browser.get(reverse("admin:clinical_medicalrecord_file", args=[document.pk]))
    assert told_of(coordinator)[1:] == [seen, ("download", *seen[1:])]

    browser.get(page("patient", document.patient))
    assert told_of(coordinator)[-1] == ("read", "patient", str(document.patient_id), owner)
    browser.get(page("patient"))
    assert len(told_of(coordinator)) == 4


def test_t61_the_case_screen_shows_medical_details_and_documents(console, coordinator, document):
    case = document.booking
    WantedDocument.objects.create(booking=case, type="xray", why="?", record=document, state="received")

    console(coordinator).get(reverse("admin:bookings_booking_change", args=[case.pk]))

    owner = document.patient.user_id
    assert told_of(coordinator) == [
        ("read", "booking", str(case.pk), owner),
        ("read", "medical_record", str(document.pk), owner),
    ]


def test_t61_a_record_that_is_not_there_for_the_reader(console, coordinator, patient):
    hidden = MedicalRecordFactory(patient=patient)

    assert console(coordinator).get(page("medicalrecord", hidden)).status_code == 302

    assert told_of(coordinator) == [("refuse", "medical_record", str(hidden.pk), None)]
    assert fields_of(coordinator) == [["console.clinical_medicalrecord_change", "not_found"]]


def test_an_admin_reads_nothing_clinical_and_leaves_no_reading(console, admin, document):
    browser = console(admin)
    browser.get(page("patient", document.patient))
    browser.get(reverse("admin:bookings_booking_change", args=[document.booking_id]))
    assert told_of(admin) == []


# --- emergencies


def emergency(patient):
    return reverse("admin:clinical_patient_open_in_emergency", args=[patient.pk])


def press(browser, patient, reason="Unconscious, relatives wait at the gate"):
    """As the dialog sends it."""
    sent = {"_form_submitted": "on", "reason": reason}
    return browser.post(emergency(patient), sent, headers={"HX-Request": "true"})


def test_t71_a_coordinator_opens_records_in_an_emergency(console, coordinator, patient):
    record = MedicalRecordFactory(patient=patient)
    browser = console(coordinator)
    browser.get(page("medicalrecord", record))
    assert told_of(coordinator, entity_type="medical_record", action="read") == []

    assert emergency(patient) in browser.get(page("patient", patient)).content.decode()
    short = press(browser, patient, "short")
    assert not EmergencyAccess.objects.filter(patient=patient).exists()
    assert b"short" in short.content
    press(browser, patient)

    access = EmergencyAccess.objects.get(patient=patient, user=coordinator)
    assert browser.get(page("medicalrecord", record)).status_code == 200
    assert fields_of(coordinator, entity_type="medical_record", action="read") == [["emergency", str(access.pk)]]


def test_t71_an_admin_sees_the_emergencies_and_has_no_button(console, admin, coordinator, patient):
    access = EmergencyAccess.objects.create(
        user=coordinator, patient=patient, reason="Unconscious at the gate", ends_at=clock.now() + timedelta(hours=1)
    )
    browser = console(admin)
    assert press(browser, patient).status_code == 403
    assert emergency(patient) not in browser.get(page("patient", patient)).content.decode()
    assert "Unconscious at the gate" in browser.get(page("emergencyaccess")).content.decode()
    assert browser.get(page("emergencyaccess", access)).status_code == 200
    assert browser.get(reverse("admin:clinical_emergencyaccess_add")).status_code == 403
    assert console(coordinator).get(page("emergencyaccess")).status_code == 403


def test_five_emergencies_an_hour_at_either_door(console, coordinator):
    browser = console(coordinator)
    for patient in PatientFactory.create_batch(6):
        press(browser, patient)
    assert EmergencyAccess.objects.filter(user=coordinator).count() == 5
