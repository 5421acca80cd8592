"""GET /patients/:id/access-log: who read what of a patient, when, and why (T61, T71)."""

import pytest

from apps.accounts.models import AuditEntry
from tests.clinical.api.test_emergency_access import REASON, open_by
from tests.counting import queries
from tests.factories.accounts import UserFactory
from tests.factories.clinical import MedicalRecordFactory
from tests.factories.hospitals import DoctorFactory

pytestmark = pytest.mark.django_db


def log(client, patient, **query):
    answer = client.get(f"/patients/{patient.pk}/access-log", query_params=query)
    assert answer.status_code == 200, answer.json()
    return answer.json()["data"]


def test_t61_the_patient_reads_who_read_what(api, patient, doctor, document, coordinator):
    api.as_(doctor.user).get(f"/medical-records/{document.pk}")
    api.as_(coordinator).get(f"/patients/{patient.pk}")
    api.as_(patient.user).get("/medical-records")

    newest, first = log(api.as_(patient.user), patient)

    assert (newest["action"], newest["entity_type"], newest["entity_id"]) == ("read", "patient", str(patient.pk))
    assert newest["reader"] == {"id": str(coordinator.pk), "name": str(coordinator), "user_type": "coordinator"}
    assert (first["entity_type"], first["entity_id"]) == ("medical_record", str(document.pk))
    assert first["reader"]["id"] == str(doctor.user_id)
    assert (first["is_emergency"], first["emergency_reason"]) == (False, None)


def test_a_look_into_the_trail_is_no_reading_of_the_patient(api, patient, admin, coordinator):
    """It is an entry of the trail, about the trail."""
    api.as_(coordinator).get(f"/patients/{patient.pk}")
    assert api.as_(admin).get(f"/audit-logs?user={patient.user_id}").status_code == 200
    assert AuditEntry.objects.filter(entity_type="audit_log", subject_id=patient.user_id).exists()

    for reader in (patient.user, admin):
        (row,) = log(api.as_(reader), patient)
        assert row["entity_type"] == "patient"


def test_t71_an_emergency_says_why_to_the_patient_and_to_admins(api, patient, admin):
    stranger = api.as_(DoctorFactory().user)
    open_by(stranger, patient)
    stranger.get(f"/patients/{patient.pk}")

    for reader in (patient.user, admin):
        read, declared = log(api.as_(reader), patient)
        assert (read["action"], declared["action"], declared["entity_type"]) == ("read", "create", "emergency_access")
        assert read["reader"] == declared["reader"]
        for row in (read, declared):
            assert (row["is_emergency"], row["emergency_reason"]) == (True, REASON)


def test_t71_an_emergency_in_which_nothing_was_read_is_told_too(api, patient, other_patient):
    """T71: that somebody could have read is what the patient was told."""
    open_by(api.as_(DoctorFactory().user), patient)

    (row,) = log(api.as_(patient.user), patient)
    assert (row["action"], row["is_emergency"], row["emergency_reason"]) == ("create", True, REASON)
    assert log(api.as_(other_patient.user), other_patient) == []


def test_it_is_the_patients_and_the_admins_alone(api, patient, other_patient, doctor, booking, owner, coordinator):
    assert api.as_(other_patient.user).get(f"/patients/{patient.pk}/access-log").status_code == 404
    for user in (doctor.user, owner, coordinator, UserFactory(translator=True)):
        assert api.as_(user).get(f"/patients/{patient.pk}/access-log").status_code == 403


def test_it_is_narrowed_by_day_and_ordered(api, patient, coordinator):
    reader = api.as_(coordinator)
    for _number in range(2):
        reader.get(f"/patients/{patient.pk}")
    client = api.as_(patient.user)

    down = [row["id"] for row in log(client, patient)]
    up = [row["id"] for row in log(client, patient, ordering="happened_at")]
    assert down == sorted(up, reverse=True)
    day = log(client, patient)[0]["happened_at"][:10]
    assert len(log(client, patient, date_from=day, date_to=day)) == 2
    assert log(client, patient, date_from="2999-01-01") == log(client, patient, date_to="2001-01-01") == []
    assert client.get(f"/patients/{patient.pk}/access-log?date_from=yesterday").status_code == 400


def test_three_readers_cost_what_one_costs(api, patient):
    for _number in range(4):
        reader = api.as_(DoctorFactory().user)
        open_by(reader, patient)
        reader.get(f"/patients/{patient.pk}")
    client = api.as_(patient.user)
    log(client, patient)
    assert queries(lambda: log(client, patient, limit=1)) == queries(lambda: log(client, patient, limit=3))


def test_a_reader_whose_account_is_erased_is_still_a_reader(api, patient, booking, coordinator):
    MedicalRecordFactory(patient=patient)
    api.as_(coordinator).get("/medical-records")
    type(coordinator).objects.filter(pk=coordinator.pk).update(is_active=False)

    (row,) = log(api.as_(patient.user), patient)
    assert row["reader"]["id"] == str(coordinator.pk)
