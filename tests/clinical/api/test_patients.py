"""GET /patients, /patients/:id, POST and PATCH."""

import uuid
from datetime import timedelta

import pytest

from apps.accounts.models import PasswordReset, User
from apps.billing.services.erasure import erase_own_account
from apps.clinical.models import Consent, Patient
from apps.notifications.models import Notification
from medivoy.core import clock
from medivoy.core.context import writing
from tests.counting import queries
from tests.factories.accounts import UserFactory
from tests.factories.bookings import requested
from tests.factories.clinical import PatientFactory
from tests.factories.hospitals import DoctorFactory, HospitalFactory

pytestmark = pytest.mark.django_db

ABOUT = {
    "id",
    "user_id",
    "first_name",
    "last_name",
    "email",
    "phone",
    "preferred_language",
    "date_of_birth",
    "gender",
    "country",
    "city",
    "created_at",
    "updated_at",
}
CONTACTS = {
    "address",
    "emergency_contact_name",
    "emergency_contact_phone",
    "insurance_provider",
    "insurance_policy_number",
}
CLINICAL = {"blood_group", "medical_history", "allergies", "current_medications"}
NEW = {"email": "new@patient.test", "first_name": "Noura", "last_name": "Saleh", "country": "KW"}


def ids(response):
    assert response.status_code == 200, response.json()
    return {row["id"] for row in response.json()["data"]}


# --- the list


def test_staff_see_all_patients_and_say_who_they_are(api, patient, other_patient, coordinator, admin):
    for user in (coordinator, admin):
        response = api.as_(user).get("/patients")
        assert ids(response) == {str(patient.pk), str(other_patient.pk)}
        assert set(response.json()["data"][0]) == ABOUT


def test_a_hospital_sees_its_own_patients(api, booking, patient, other_patient, owner):
    """T18."""
    requested(patient=patient, hospital=booking.hospital)
    assert [row["id"] for row in api.as_(owner).get("/patients").json()["data"]] == [str(patient.pk)]
    assert ids(api.as_(HospitalFactory().admin_user).get("/patients")) == set()
    assert ids(api.as_(owner).get("/patients", {"hospital_id": str(uuid.uuid4())})) == {str(patient.pk)}


@pytest.mark.parametrize("role", ["patient", "doctor", "translator"])
def test_nobody_else_lists_patients(api, role):
    user = UserFactory() if role == "patient" else UserFactory(**{role: True})
    assert api.as_(user).get("/patients").status_code == 403
    assert api.get("/patients").status_code == 401


def test_search_and_filter(api, coordinator):
    noura = PatientFactory(user__first_name="Noura", user__last_name="Al-Sabah", user__phone="+96599887766")
    omar = PatientFactory(user__first_name="Omar", country="AE", user__email="omar@mail.test")
    client = api.as_(coordinator)
    for text in ("noura", "nora sabah", "+96599887766"):
        assert ids(client.get("/patients", {"search": text})) == {str(noura.pk)}
    assert ids(client.get("/patients", {"search": "omar@mail.test"})) == {str(omar.pk)}
    assert ids(client.get("/patients", {"country": "United Arab Emirates"})) == {str(omar.pk)}
    assert client.get("/patients", {"ordering": "allergies"}).status_code == 400
    assert client.get("/patients", {"country": "X"}).status_code == 400


def test_the_list_costs_the_same_for_one_row_and_three(api, coordinator):
    PatientFactory()
    client = api.as_(coordinator)
    one = queries(lambda: client.get("/patients"))
    PatientFactory.create_batch(2)
    assert queries(lambda: client.get("/patients")) == one


# --- one patient


def test_the_patient_and_the_coordinators_read_the_whole_profile(api, patient, coordinator):
    for user in (patient.user, coordinator):
        row = api.as_(user).get(f"/patients/{patient.pk}").json()["data"]
        assert set(row) == ABOUT | CONTACTS | CLINICAL
        assert row["allergies"] == ["Penicillin"]


def test_an_admin_reads_no_clinical_part(api, patient, admin):
    """T17."""
    assert set(api.as_(admin).get(f"/patients/{patient.pk}").json()["data"]) == ABOUT | CONTACTS


def test_hospital_and_doctor_read_it_while_a_consent_is_in_force(api, booking, patient, owner, doctor):
    """T17."""
    path = f"/patients/{patient.pk}"
    for user in (owner, doctor.user):
        assert set(api.as_(user).get(path).json()["data"]) == ABOUT | CONTACTS | CLINICAL
    Consent.objects.update(ends_at=clock.now() - timedelta(seconds=1))
    for user in (owner, doctor.user):
        assert set(api.as_(user).get(path).json()["data"]) == ABOUT | CONTACTS


def test_another_hospital_s_consent_opens_nothing_here(api, booking, patient):
    elsewhere = requested(patient=patient)
    Consent.objects.filter(booking=elsewhere).update(revoked_at=clock.now())
    row = api.as_(elsewhere.hospital.admin_user).get(f"/patients/{patient.pk}").json()["data"]
    assert set(row) == ABOUT | CONTACTS


def test_others_find_nobody(api, booking, patient, other_patient):
    unrelated = (other_patient.user, HospitalFactory().admin_user, DoctorFactory().user)
    for user in unrelated:
        foreign = api.as_(user).get(f"/patients/{patient.pk}")
        unknown = api.as_(user).get(f"/patients/{uuid.uuid4()}")
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.json() == unknown.json()
    assert api.as_(UserFactory(translator=True)).get(f"/patients/{patient.pk}").status_code == 403


def test_a_doctor_without_a_verified_licence_finds_nobody(api, booking, patient, doctor):
    """T1."""
    type(doctor).objects.filter(pk=doctor.pk).update(is_verified=False)
    assert api.as_(doctor.user).get(f"/patients/{patient.pk}").status_code == 404


# --- changing


def test_a_patient_changes_their_own_profile(api, patient):
    changes = {"city": "Hawalli", "allergies": ["Latex <5%"], "date_of_birth": "1980-02-29", "country": None}
    answer = api.as_(patient.user).patch(f"/patients/{patient.pk}", changes)
    assert answer.status_code == 200
    patient.refresh_from_db()
    assert (patient.city, patient.allergies, str(patient.country)) == ("Hawalli", ["Latex <5%"], "")
    assert answer.json()["data"]["date_of_birth"] == "1980-02-29"


def test_what_is_not_of_the_profile_is_not_written(api, patient, other_patient):
    """T20."""
    before = User.objects.get(pk=patient.user_id)
    changes = {"user_id": str(other_patient.user_id), "email": "x@y.test", "first_name": "X", "id": str(uuid.uuid4())}
    assert api.as_(patient.user).patch(f"/patients/{patient.pk}", changes).status_code == 200
    patient.refresh_from_db()
    assert patient.user == before
    assert (patient.user.email, patient.user.first_name) == (before.email, before.first_name)


def test_a_coordinator_changes_all_and_an_admin_what_is_not_clinical(api, patient, coordinator, admin):
    changes = {"city": "Salmiya", "allergies": [], "blood_group": "O-"}
    api.as_(admin).patch(f"/patients/{patient.pk}", changes)
    patient.refresh_from_db()
    assert (patient.city, patient.allergies, patient.blood_group) == ("Salmiya", ["Penicillin"], "A+")
    api.as_(coordinator).patch(f"/patients/{patient.pk}", changes)
    patient.refresh_from_db()
    assert (patient.allergies, patient.blood_group) == ([], "O-")


def test_nobody_else_changes_it(api, booking, patient, other_patient, owner, doctor):
    path = f"/patients/{patient.pk}"
    assert api.as_(owner).patch(path, {"city": "X"}).status_code == 403
    assert api.as_(doctor.user).patch(path, {"city": "X"}).status_code == 403
    assert api.as_(other_patient.user).patch(path, {"city": "X"}).status_code == 404
    assert api.patch(path, {"city": "X"}).status_code == 401


def test_not_before_the_e_mail_is_proven(api):
    """T3."""
    patient = PatientFactory(user__is_verified=False)
    answer = api.as_(patient.user).patch(f"/patients/{patient.pk}", {"city": "X"})
    assert (answer.status_code, answer.json()["code"]) == (403, "email_not_verified")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("date_of_birth", "2999-01-01"),
        ("date_of_birth", "1800-01-01"),
        ("blood_group", "Z"),
        ("country", "Kuwait"),
        ("allergies", "Penicillin"),
        ("allergies", ["x" * 501]),
        ("medical_history", [{"a": 1}]),
        ("city", "x" * 101),
        ("emergency_contact_phone", "call me"),
    ],
)
def test_bad_input_is_a_400_on_the_field(api, patient, field, value):
    answer = api.as_(patient.user).patch(f"/patients/{patient.pk}", {field: value})
    assert answer.status_code == 400
    assert any(name.startswith(field) for name in answer.json()["errors"])


@pytest.mark.parametrize("role", ["admin", "coordinator"])
def test_t68_nothing_is_written_of_who_was_erased(api, patient, role):
    """T68."""
    asker = UserFactory(**{role: True})
    with writing(None):
        erase_own_account(patient.user)

    answer = api.as_(asker).patch(f"/patients/{patient.pk}", {"city": "Back again"})

    patient.refresh_from_db()
    assert (answer.status_code, answer.json()["code"], patient.city) == (409, "account_erased", "")


def test_if_match_of_an_older_version_is_refused(api, patient):
    client = api.as_(patient.user)
    tag = client.get(f"/patients/{patient.pk}").headers["ETag"]
    assert client.patch(f"/patients/{patient.pk}", {"city": "1"}, headers={"If-Match": tag}).status_code == 200
    assert client.patch(f"/patients/{patient.pk}", {"city": "2"}, headers={"If-Match": tag}).status_code == 412


# --- enrolling


@pytest.mark.parametrize("role", ["coordinator", "admin"])
def test_staff_enrol_a_patient_who_gets_a_link_to_set_a_password(api, role):
    answer = api.as_(UserFactory(**{role: True})).post("/patients", NEW | {"preferred_language": "ar"})
    assert answer.status_code == 201
    patient = Patient.objects.get()
    assert answer.json()["data"]["id"] == str(patient.pk)
    assert (patient.user.user_type, patient.user.preferred_language) == ("patient", "ar")
    assert not patient.user.has_usable_password()
    assert not patient.user.is_verified
    assert PasswordReset.objects.filter(user=patient.user).count() == 1
    assert Notification.objects.filter(user=patient.user, type="password_reset").exists()


def test_clinical_details_come_from_a_coordinator_only(api, coordinator, admin):
    details = {"allergies": ["Latex"], "blood_group": "O-", "city": "Hawalli"}
    api.as_(coordinator).post("/patients", NEW | details)
    api.as_(admin).post("/patients", NEW | details | {"email": "second@patient.test"})
    by_coordinator, by_admin = Patient.objects.order_by("created_at")
    assert (by_coordinator.allergies, by_coordinator.blood_group) == (["Latex"], "O-")
    assert (by_admin.allergies, by_admin.blood_group, by_admin.city) == ([], "", "Hawalli")


def test_a_known_address_or_number_is_a_409(api, coordinator):
    known = UserFactory()
    for twin in ({"email": known.email.upper()}, {"phone": known.phone}):
        answer = api.as_(coordinator).post("/patients", NEW | twin)
        assert (answer.status_code, answer.json()["code"]) == (409, "already_registered")
    assert not Patient.objects.exists()


@pytest.mark.parametrize("role", ["patient", "doctor", "hospital_admin", "translator"])
def test_nobody_else_enrols(api, role):
    user = UserFactory() if role == "patient" else UserFactory(**{role: True})
    assert api.as_(user).post("/patients", NEW).status_code == 403
    assert api.post("/patients", NEW).status_code == 401
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", None),
        ("first_name", ""),
        ("last_name", 5),
        ("phone", "123"),
        ("preferred_language", "de"),
        ("timezone", "Mars/Base"),
        ("country", "XX"),
        ("date_of_birth", "2999-01-01"),
    ],
)
def test_bad_input_makes_nobody(api, coordinator, field, value):
    answer = api.as_(coordinator).post("/patients", NEW | {field: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not Patient.objects.exists()
    assert not User.objects.filter(email=NEW["email"]).exists()
