"""POST /bookings: who asks for what, for whom."""

from datetime import timedelta

import pytest

from apps.bookings.models import Booking
from medivoy.core import clock
from tests.factories.accounts import UserFactory
from tests.factories.bookings import make_patient
from tests.factories.hospitals import (
    HospitalFactory,
    HospitalTreatmentFactory,
    PackageFactory,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def hospital(db):
    return HospitalFactory()


@pytest.fixture
def patient(db):
    return make_patient()


def wish(hospital, **said):
    treatment = HospitalTreatmentFactory(hospital=hospital).treatment
    return {"hospital_id": str(hospital.pk), "treatment_id": str(treatment.pk), "booking_type": "treatment"} | said


def test_a_patient_books_for_themselves(api, hospital, patient, coordinator):
    day = str(clock.today(hospital.timezone) + 30 * DAY)
    answer = api.as_(patient.user).post(
        "/bookings", wish(hospital, requested_date=day, medical_details={"diagnosis": "angina"}, notes="Quiet room")
    )
    assert answer.status_code == 201
    data = answer.json()["data"]
    booking = Booking.objects.get()
    assert (data["id"], data["booking_number"]) == (str(booking.pk), booking.booking_number)
    assert data["patient"] == {"id": str(patient.pk), "name": patient.user.get_full_name(), "country": "KW"}
    assert data["hospital"] == {"id": str(hospital.pk), "name": hospital.name, "city": hospital.city}
    assert data["coordinator"] == {"id": str(coordinator.pk), "name": coordinator.get_full_name()}
    assert (data["requested_date"], data["medical_details"], data["notes"]) == (
        day,
        {"diagnosis": "angina"},
        "Quiet room",
    )
    assert (data["status"], data["waiting_on"], data["version"]) == ("requested", "coordinator", booking.version)
    assert [move["status"] for move in data["allowed_transitions"]] == ["cancelled"]
    assert data["quotation_details"] is None


def test_a_patient_names_nobody_else(api, hospital, patient):
    """T19: another's id is the same complaint as one that does not exist."""
    other = make_patient()
    client = api.as_(patient.user)
    complaints = [
        client.post("/bookings", wish(hospital, patient_id=identifier)).json()
        for identifier in (str(other.pk), "01a203d4-0000-7000-8000-000000000000")
    ]
    assert complaints[0] == complaints[1]
    assert complaints[0]["errors"] == {"patient_id": ["There is no such row."]}
    assert client.post("/bookings", wish(hospital, patient_id=str(patient.pk))).status_code == 201


@pytest.mark.parametrize("role", ["coordinator", "admin"])
def test_staff_book_for_a_patient(role, api, hospital, patient):
    client = api.as_(UserFactory(user_type=role))
    assert client.post("/bookings", wish(hospital)).json()["errors"] == {"patient_id": ["For whom?"]}
    answer = client.post("/bookings", wish(hospital, patient_id=str(patient.pk), internal_notes="VIP"))
    assert answer.status_code == 201
    assert answer.json()["data"]["internal_notes"] == "VIP"


@pytest.mark.parametrize("role", ["doctor", "hospital_admin", "translator"])
def test_others_do_not_book(role, api, hospital):
    assert api.as_(UserFactory(user_type=role)).post("/bookings", wish(hospital)).status_code == 403


def test_nobody_books_unverified(api, hospital):
    """T3."""
    answer = api.as_(make_patient(is_verified=False).user).post("/bookings", wish(hospital))
    assert (answer.status_code, answer.json()["code"]) == (403, "email_not_verified")
    assert not Booking.objects.exists()


def test_nobody_books_unknown(api, hospital):
    assert api.post("/bookings", wish(hospital)).status_code == 401


def test_what_the_server_owns_is_never_taken_from_a_body(api, hospital, patient):
    """T2, T20."""
    owned = {
        "status": "completed",
        "payment_status": "payment_completed",
        "total_amount": "1",
        "amount_paid": "1",
        "booking_number": "MB-1",
        "coordinator_id": str(UserFactory(admin=True).pk),
        "confirmed_date": "2030-01-01",
        "internal_notes": "x",
        "id": "01a203d4-0000-7000-8000-000000000000",
    }
    api.as_(patient.user).post("/bookings", wish(hospital, **owned))
    booking = Booking.objects.get()
    assert (booking.status, booking.payment_status, booking.total_amount, booking.amount_paid) == (
        "requested",
        "unpaid",
        None,
        0,
    )
    assert (booking.confirmed_date, booking.internal_notes, booking.coordinator) == (None, "", None)
    assert str(booking.pk) != owned["id"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"hospital_id": "x"}, "hospital_id"),
        ({"hospital_id": None}, "hospital_id"),
        ({"treatment_id": "01a203d4-0000-7000-8000-000000000000"}, "treatment_id"),
        ({"treatment_id": None}, "treatment_id"),
        ({"booking_type": "holiday"}, "booking_type"),
        ({"requested_date": "2026-02-30"}, "requested_date"),
        ({"requested_date": "2020-01-01"}, "requested_date"),
        ({"requested_date": 20270101}, "requested_date"),
        ({"travellers": 0}, "travellers"),
        ({"travellers": 10**30}, "travellers"),
        ({"medical_details": [1]}, "medical_details"),
        ({"medical_details": {"x": "y" * 30_000}}, "medical_details"),
        ({"notes": 5}, "notes"),
        ({"notes": "x" * 6000}, "notes"),
        ({"package_id": 7}, "package_id"),
    ],
)
def test_bad_input_is_refused_on_its_field_and_nothing_is_written(said, field, api, hospital, patient):
    answer = api.as_(patient.user).post("/bookings", wish(hospital) | said)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not Booking.objects.exists()


def test_a_hidden_hospital_is_an_unknown_one(api, patient):
    hidden = HospitalFactory(is_verified=False)
    assert "hospital_id" in api.as_(patient.user).post("/bookings", wish(hidden)).json()["errors"]


def test_a_package_and_an_opinion(api, hospital, patient):
    package = PackageFactory()
    package.hospitals.add(hospital)
    client, place = api.as_(patient.user), {"hospital_id": str(hospital.pk)}
    tour = client.post("/bookings", place | {"package_id": str(package.pk), "travellers": 2}).json()["data"]
    assert (tour["booking_type"], tour["package"]["id"], tour["travellers"]) == ("package", str(package.pk), 2)
    opinion = client.post("/bookings", place | {"booking_type": "opinion"}).json()["data"]
    assert (opinion["booking_type"], opinion["treatment"]) == ("opinion", None)


def test_the_same_key_books_once(api, hospital, patient):
    client, body, key = api.as_(patient.user), wish(hospital), {"HTTP_IDEMPOTENCY_KEY": "one"}
    first = client.post("/bookings", body, **key)
    second = client.post("/bookings", body, **key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["data"]["id"] == second.json()["data"]["id"]
    assert Booking.objects.count() == 1
    other = client.post("/bookings", body | {"notes": "other"}, **key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
