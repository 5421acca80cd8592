"""Who is shown something of a patient's health is in the audit trail before the answer leaves (T17, T61)."""

import pytest
from django.db import OperationalError

from apps.accounts.models import AuditEntry
from tests.clinical.api.test_downloads import address, link_of, signed_in
from tests.counting import queries
from tests.factories.clinical import MedicalRecordFactory
from tests.trail import fields_of, told_of

pytestmark = pytest.mark.django_db


def sees(record, subject=None, action="read"):
    return (action, "medical_record", str(record.pk), subject or record.patient.user_id)


def test_t61_each_line_of_a_list_is_a_reading(api, doctor, document):
    other = MedicalRecordFactory(patient=document.patient, booking=document.booking, is_shared_with_doctors=True)
    MedicalRecordFactory(patient=document.patient, booking=document.booking)

    assert api.as_(doctor.user).get("/medical-records").status_code == 200

    assert sorted(told_of(doctor.user)) == sorted([sees(document), sees(other)])


def test_a_page_of_three_costs_what_a_page_of_one_costs(api, doctor, document):
    for _number in range(3):
        MedicalRecordFactory(patient=document.patient, booking=document.booking, is_shared_with_doctors=True)
    client = api.as_(doctor.user)

    def read(limit):
        assert len(client.get(f"/medical-records?limit={limit}").json()["data"]) == limit

    read(1)
    assert queries(lambda: read(1)) == queries(lambda: read(3))


def test_t61_one_record_and_a_patients_records(api, coordinator, document):
    client = api.as_(coordinator)

    client.get(f"/medical-records/{document.pk}")
    client.get(f"/patients/{document.patient_id}/medical-records")

    assert told_of(coordinator) == [sees(document)] * 2


def test_a_link_and_the_file_behind_it(api, doctor, document):
    link = link_of(signed_in(doctor.user), document)
    assert told_of(doctor.user, action="download") == [sees(document, action="download")]

    assert api.get(address(link)).status_code == 200

    assert told_of(doctor.user, action="download") == [sees(document, action="download")] * 2
    assert fields_of(doctor.user, action="download") == [["link"], ["file"]]


def test_the_clinical_profile(api, doctor, document, admin):
    patient = document.patient
    shown = api.as_(doctor.user).get(f"/patients/{patient.pk}").json()["data"]
    assert shown["allergies"] == patient.allergies
    assert told_of(doctor.user) == [("read", "patient", str(patient.pk), patient.user_id)]

    assert "allergies" not in api.as_(admin).get(f"/patients/{patient.pk}").json()["data"]
    api.as_(admin).get("/patients")
    assert told_of(admin) == []


def test_the_medical_details_of_a_case(api, booking, owner, admin):
    patient = booking.patient.user
    api.as_(owner).get(f"/bookings/{booking.pk}")
    assert told_of(owner) == [("read", "booking", str(booking.pk), patient.pk)]

    for reader in (patient, admin):
        assert api.as_(reader).get(f"/bookings/{booking.pk}").status_code == 200
    assert (told_of(patient), told_of(admin)) == ([], [])


def test_t61_where_a_reading_cannot_be_recorded_nothing_is_shown(api, doctor, document, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("away")

    client = signed_in(doctor.user)
    monkeypatch.setattr(type(AuditEntry.objects.all()), "bulk_create", away)
    for path in (
        "/medical-records",
        f"/medical-records/{document.pk}",
        f"/medical-records/{document.pk}/download",
        f"/patients/{document.patient_id}",
        f"/bookings/{document.booking_id}",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), path
        assert "data" not in answer.json()


def test_t17_a_record_that_is_not_theirs_is_no_reading_but_a_refusal(api, doctor, patient):
    hidden = MedicalRecordFactory(patient=patient)

    assert api.as_(doctor.user).get(f"/medical-records/{hidden.pk}").status_code == 404

    assert told_of(doctor.user) == [("refuse", "medical_record", str(hidden.pk), None)]
    assert fields_of(doctor.user) == [["medical_record.retrieve", "not_found"]]
