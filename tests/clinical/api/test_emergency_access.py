"""POST /patients/:id/emergency-access: break-glass (T71)."""

from datetime import timedelta

import pytest

from apps.clinical.models import EmergencyAccess
from apps.clinical.services.emergency import open_in_emergency
from apps.hospitals.models import Doctor
from apps.notifications.models import Notification
from medivoy.core import clock
from medivoy.core.context import writing
from tests import figures
from tests.clinical.api.test_downloads import address, link_of, signed_in
from tests.factories.accounts import UserFactory
from tests.factories.bookings import requested
from tests.factories.clinical import MedicalRecordFactory, PatientFactory
from tests.factories.hospitals import DoctorFactory
from tests.race import contend
from tests.trail import fields_of, told_of

pytestmark = pytest.mark.django_db

REASON = "Unconscious after an accident, allergies needed"


@pytest.fixture
def stranger(db):
    """A doctor who has nothing to do with `patient`."""
    return DoctorFactory().user


@pytest.fixture
def hidden(patient):
    """A record of `patient` that is shared with nobody."""
    return MedicalRecordFactory(patient=patient)


def open_by(client, patient, reason=REASON):
    return client.post(f"/patients/{getattr(patient, 'pk', patient)}/emergency-access", {"reason": reason})


def after(monkeypatch, **ahead):
    """Let the time be later from here on."""
    now = clock.now() + timedelta(**ahead)
    monkeypatch.setattr(clock, "now", lambda: now)


def test_t71_a_doctor_opens_the_records_of_a_stranger_for_an_hour(api, stranger, patient, hidden, monkeypatch):
    """T71."""
    client = api.as_(stranger)
    assert client.get(f"/patients/{patient.pk}").status_code == 404

    answer = open_by(client, patient)
    assert answer.status_code == 201
    access = EmergencyAccess.objects.get(patient=patient)
    assert (access.user, access.reason, access.ends_at - access.created_at) == (stranger, REASON, timedelta(hours=1))

    assert client.get(f"/patients/{patient.pk}").json()["data"]["allergies"] == patient.allergies
    assert client.get(f"/medical-records/{hidden.pk}").status_code == 200
    assert [row["id"] for row in client.get("/medical-records").json()["data"]] == [str(hidden.pk)]
    assert len(client.get(f"/patients/{patient.pk}/medical-records").json()["data"]) == 1

    after(monkeypatch, hours=1)
    for lost in (f"/patients/{patient.pk}", f"/medical-records/{hidden.pk}", f"/patients/{patient.pk}/medical-records"):
        assert client.get(lost).status_code == 404, lost


def test_t71_every_reading_says_that_it_was_an_emergency_and_which(api, stranger, patient, hidden):
    client = api.as_(stranger)
    open_by(client, patient)
    access = EmergencyAccess.objects.get(patient=patient)

    client.get(f"/patients/{patient.pk}")
    client.get("/medical-records")

    assert told_of(stranger, action="read") == [
        ("read", "patient", str(patient.pk), patient.user_id),
        ("read", "medical_record", str(hidden.pk), patient.user_id),
    ]
    assert fields_of(stranger, action="read") == [["emergency", str(access.pk)]] * 2


def test_t71_nothing_but_profile_and_records_is_opened(api, stranger, patient):
    booking = requested(patient=patient)
    client = api.as_(stranger)
    open_by(client, patient)

    assert client.get(f"/bookings/{booking.pk}").status_code == 404
    assert client.get(f"/bookings/{booking.pk}/timeline").status_code == 404
    assert client.get(f"/patients/{patient.pk}/bookings").json()["data"] == []
    assert client.get(f"/patients/{patient.pk}/payments").status_code == 403
    assert client.get(f"/patients/{patient.pk}/access-log").status_code == 403
    assert client.patch(f"/patients/{patient.pk}", {"city": "Muscat"}).status_code == 403


def test_t71_no_other_patient_and_no_other_reader(api, stranger, patient, other_patient):
    of_another = MedicalRecordFactory(patient=other_patient)
    open_by(api.as_(stranger), patient)

    assert api.as_(stranger).get(f"/medical-records/{of_another.pk}").status_code == 404
    assert api.as_(DoctorFactory().user).get(f"/patients/{patient.pk}").status_code == 404


def test_t71_a_link_made_in_the_hour_ends_with_it(api, stranger, patient, hidden, monkeypatch):
    client = signed_in(stranger)
    open_by(client, patient)
    after(monkeypatch, minutes=58)
    link = link_of(client, hidden)
    assert api.get(address(link)).status_code == 200

    after(monkeypatch, minutes=3)

    assert api.get(address(link)).status_code == 404


def test_t71_a_licence_that_is_withdrawn_ends_it(api, stranger, patient):
    client = api.as_(stranger)
    open_by(client, patient)
    with writing(None):
        Doctor.objects.filter(user=stranger).update(is_verified=False)

    assert client.get(f"/patients/{patient.pk}").status_code == 404


def test_t71_the_patient_and_the_admins_are_told_at_once_and_not_why(api, stranger, patient, admin):
    open_by(api.as_(stranger), patient)

    told = Notification.objects.filter(reference_type="emergency_access")
    to_patient = told.filter(user=patient.user, type="emergency_access_opened")
    to_admin = told.filter(user=admin, type="emergency_access_to_check")
    for rows in (to_patient, to_admin):
        assert sorted(rows.values_list("channel", flat=True)) == ["email", "in_app"]
    assert not any("accident" in row.message + row.title for row in told)
    mail = to_patient.get(channel="email")
    assert "emergency" not in mail.title.lower() + mail.message.lower()


def test_one_that_is_in_force_is_answered_again_and_nothing_is_new(api, stranger, patient, monkeypatch):
    client = api.as_(stranger)
    first = open_by(client, patient)

    again = open_by(client, patient, "Another reason, which is not kept")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["data"] == first.json()["data"]
    assert Notification.objects.filter(user=patient.user).count() == 2

    after(monkeypatch, hours=1)
    assert open_by(client, patient).status_code == 201


def test_a_coordinator_opens_records_without_an_open_case(api, coordinator, patient, hidden):
    client = api.as_(coordinator)
    assert client.get(f"/medical-records/{hidden.pk}").status_code == 404
    assert open_by(client, patient).status_code == 201
    assert client.get(f"/medical-records/{hidden.pk}").status_code == 200


@pytest.mark.parametrize("reason", ["", "too short", " " * 30, "a" * 14, "x" * 1001, None])
def test_a_reason_is_needed_and_is_one(api, stranger, patient, reason):
    answer = open_by(api.as_(stranger), patient, reason)

    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"reason"}
    assert not EmergencyAccess.objects.filter(patient=patient).exists()


def test_nobody_finds_out_by_trying_whether_there_is_such_a_patient(api, stranger):
    """T19: what is wrong with the request is said first, and does not count; what is right counts, found or not."""
    client = api.as_(stranger)
    assert open_by(client, figures.NOBODY, "short").status_code == 400
    codes = [open_by(client, figures.NOBODY).status_code for _number in range(6)]
    assert codes == [404, 404, 404, 404, 404, 429]


def test_t1_a_doctor_without_a_verified_licence_does_not(api, patient):
    for doctor in (DoctorFactory(is_verified=False), DoctorFactory(is_active=False)):
        answer = open_by(api.as_(doctor.user), patient)
        assert (answer.status_code, answer.json()["code"]) == (403, "licence_needed")
        assert ("refuse", "patient", str(patient.pk), None) in told_of(doctor.user)


@pytest.mark.parametrize("role", ["patient", "hospital_admin", "translator", "admin"])
def test_t71_nobody_else_does(api, patient, role):
    assert open_by(api.as_(UserFactory(user_type=role)), patient).status_code == 403


def test_what_opens_nothing_uses_nothing_up(api, stranger, patient, settings):
    """Who mistypes the reason in an emergency, or asks again, is not made to wait for it."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"emergency_access": "1/h"}
    client = api.as_(stranger)

    assert [open_by(client, patient, reason).status_code for reason in ("", "short")] == [400, 400]
    assert [open_by(client, patient).status_code for _n in range(3)] == [201, 200, 200]
    assert open_by(client, PatientFactory()).status_code == 429


@pytest.mark.django_db(transaction=True)
def test_t71_ten_at_once_open_one():
    doctor, patient = DoctorFactory().user, PatientFactory()

    def act(number):
        with writing(doctor):
            return open_in_emergency(patient.pk, actor=doctor, reason=REASON)

    results = contend(act)

    assert [result.is_new for result in results].count(True) == 1
    assert len({result.access.pk for result in results}) == 1
    assert EmergencyAccess.objects.filter(patient=patient).count() == 1
