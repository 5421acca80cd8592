"""/hospitals/:id/doctors: who works there, who joins, who leaves."""

import uuid
from datetime import UTC, date, datetime

import pytest

from apps.hospitals.models import HospitalDoctor
from medivoy.core import clock
from tests.counting import queries
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import DoctorFactory, HospitalDoctorFactory, HospitalFactory

pytestmark = pytest.mark.django_db


def test_those_who_work_there_now(api, hospital):
    works = HospitalDoctorFactory(hospital=hospital)
    HospitalDoctorFactory(hospital=hospital, end_date="2026-01-01")
    HospitalDoctorFactory(hospital=hospital, doctor__is_verified=False)
    HospitalDoctorFactory()
    rows = api.get(f"/hospitals/{hospital.slug}/doctors").json()["data"]
    assert [row["id"] for row in rows] == [str(works.doctor_id)]
    assert rows[0]["hospitals"] == [
        {
            "hospital_id": str(hospital.pk),
            "hospital": {"id": str(hospital.pk), "slug": hospital.slug, "name": hospital.name, "city": "Chennai"},
            "department": "Heart centre",
            "is_primary": False,
        }
    ]


def test_a_hospital_that_is_not_public_shows_nobody(api):
    hospital = HospitalFactory(is_verified=False)
    assert api.get(f"/hospitals/{hospital.pk}/doctors").status_code == 404
    assert api.as_(hospital.admin_user).get(f"/hospitals/{hospital.pk}/doctors").status_code == 200


def test_it_costs_the_same_for_one_row_and_three(api, hospital):
    HospitalDoctorFactory(hospital=hospital)
    path = f"/hospitals/{hospital.pk}/doctors"
    one = queries(lambda: api.get(path))
    HospitalDoctorFactory.create_batch(2, hospital=hospital)
    assert queries(lambda: api.get(path)) == one


def test_its_administrator_adds_a_doctor_from_today_there(api, hospital, owner):
    doctor = DoctorFactory()
    with clock.at(datetime(2027, 3, 1, 20, 0, tzinfo=UTC)):
        answer = api.as_(owner).post(
            f"/hospitals/{hospital.pk}/doctors",
            {"doctor_id": str(doctor.pk), "department": "Heart", "is_primary": True},
        )
    assert answer.status_code == 201
    row = HospitalDoctor.objects.get()
    assert (row.hospital, row.doctor, row.department, row.is_primary) == (hospital, doctor, "Heart", True)
    assert row.start_date == date(2027, 3, 2)


def test_not_twice(api, hospital, owner):
    doctor = HospitalDoctorFactory(hospital=hospital).doctor
    answer = api.as_(owner).post(f"/hospitals/{hospital.pk}/doctors", {"doctor_id": str(doctor.pk)})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_affiliated")


def test_who_comes_back_gets_a_new_row_and_history_stays(api, hospital, owner):
    doctor = HospitalDoctorFactory(hospital=hospital, start_date="2020-01-01").doctor
    path = f"/hospitals/{hospital.pk}/doctors"
    assert api.as_(owner).delete(f"{path}/{doctor.pk}").status_code == 200
    assert api.get(path).json()["data"] == []
    assert api.as_(owner).post(path, {"doctor_id": str(doctor.pk)}).status_code == 201
    assert HospitalDoctor.objects.count() == 2
    assert HospitalDoctor.objects.exclude(end_date=None).get().start_date == date(2020, 1, 1)


def test_who_had_not_begun_never_does(api, hospital, owner):
    row = HospitalDoctorFactory(hospital=hospital, start_date="2999-01-01")
    api.as_(owner).delete(f"/hospitals/{hospital.pk}/doctors/{row.doctor_id}")
    row.refresh_from_db()
    assert row.end_date == date(2999, 1, 1)


def test_who_does_not_work_there_cannot_leave(api, hospital, owner):
    elsewhere = HospitalDoctorFactory()
    gone = HospitalDoctorFactory(hospital=hospital, end_date="2026-01-01")
    for doctor_id in (elsewhere.doctor_id, gone.doctor_id, uuid.uuid4(), "me"):
        assert api.as_(owner).delete(f"/hospitals/{hospital.pk}/doctors/{doctor_id}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"doctor_id": "x"},
        {"doctor_id": None},
        {"doctor_id": str(uuid.uuid4())},
        {"start_date": "01/02/2027"},
        {"department": "x" * 101},
        {"is_primary": "perhaps"},
    ],
)
def test_bad_input_is_a_400(api, hospital, owner, body):
    if set(body) - {"doctor_id"}:
        body = {"doctor_id": str(DoctorFactory().pk), **body}
    assert api.as_(owner).post(f"/hospitals/{hospital.pk}/doctors", body).status_code == 400
    assert not HospitalDoctor.objects.exists()


def test_a_doctor_whom_one_may_not_see_is_an_unknown_id(api, hospital, owner):
    """T19."""
    unlisted = DoctorFactory(is_verified=False)
    unseen = api.as_(owner).post(f"/hospitals/{hospital.pk}/doctors", {"doctor_id": str(unlisted.pk)})
    unknown = api.as_(owner).post(f"/hospitals/{hospital.pk}/doctors", {"doctor_id": str(uuid.uuid4())})
    assert unseen.status_code == unknown.status_code == 400
    assert unseen.json() == unknown.json()


def test_nobody_else_adds_or_removes(api, hospital, stranger, patient):
    """T18."""
    doctor = HospitalDoctorFactory(hospital=hospital).doctor
    body = {"doctor_id": str(DoctorFactory().pk)}
    for user in (stranger, patient, doctor.user, UserFactory(coordinator=True), UserFactory(translator=True)):
        assert api.as_(user).post(f"/hospitals/{hospital.pk}/doctors", body).status_code == 403
        assert api.as_(user).delete(f"/hospitals/{hospital.pk}/doctors/{doctor.pk}").status_code == 403
    assert api.post(f"/hospitals/{hospital.pk}/doctors", body).status_code == 401
    assert HospitalDoctor.objects.current().count() == 1
