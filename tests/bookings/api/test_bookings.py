"""/bookings: asked for, listed, read, changed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.bookings.models import Booking
from apps.bookings.services.follow_ups import set_follow_up
from apps.bookings.states import BookingStatus as S
from medivoy.core import clock
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in, draft, make_patient, requested, step
from tests.factories.hospitals import (
    DoctorFactory,
    HospitalDoctorFactory,
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


def with_doctor(booking):
    doctor = HospitalDoctorFactory(hospital=booking.hospital).doctor
    Booking.objects.filter(pk=booking.pk).update(doctor=doctor)
    return doctor.user


# --- POST -----------------------------------------------------------------------------------------------------------


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


# --- GET ------------------------------------------------------------------------------------------------------------


def test_who_sees_a_booking(api, coordinator, admin):
    booking = booking_in(S.INVOICE_SENT)
    doctor = with_doctor(booking)
    seen = {
        booking.patient.user: 200,
        booking.hospital.admin_user: 200,
        doctor: 200,
        coordinator: 200,
        admin: 200,
        make_patient().user: 404,
        HospitalFactory().admin_user: 404,
        DoctorFactory().user: 404,
        UserFactory(translator=True): 403,
        None: 401,
    }
    for user, status in seen.items():
        assert api.as_(user).get(f"/bookings/{booking.pk}").status_code == status, user
        ids = [row["id"] for row in api.as_(user).get("/bookings").json().get("data") or []]
        assert (str(booking.pk) in ids) == (status == 200)


def test_anothers_id_is_a_404_like_any_unknown_id(api, coordinator):
    booking, stranger = requested(), make_patient().user
    client = api.as_(stranger)
    for method, path, body in (
        ("get", "", None),
        ("patch", "", {"notes": "x"}),
        ("delete", "", None),
        ("get", "/timeline", None),
        ("get", "/travel", None),
        ("get", "/quotations", None),
        ("get", "/quotation/pdf", None),
        ("post", "/quotation/accept", {}),
        ("post", "/quotation/decline", {"reason": "x"}),
        ("get", "/cancellation-preview", None),
        ("patch", "/status", {"status": "cancelled"}),
    ):
        answers = [
            getattr(client, method)(f"/bookings/{identifier}{path}", body)
            for identifier in (booking.pk, "01a203d4-0000-7000-8000-000000000000")
        ]
        assert {answer.status_code for answer in answers} == {404}, (method, path)
        assert answers[0].json() == answers[1].json()


def test_what_doctors_and_patients_do_not_read(api, coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    doctor = with_doctor(booking)
    as_doctor, as_patient, as_hospital, as_staff = (
        api.as_(user).get(f"/bookings/{booking.pk}").json()["data"]
        for user in (doctor, booking.patient.user, booking.hospital.admin_user, coordinator)
    )
    money = {"total_amount", "payment_status", "balance", "amount_due", "milestones", "quotation_details"}
    assert not money & set(as_doctor)
    assert money <= set(as_patient) & set(as_hospital) & set(as_staff)
    for_staff = {"internal_notes", "follow_up_at", "follow_up_note"}
    assert not for_staff & (set(as_patient) | set(as_hospital) | set(as_doctor))
    assert for_staff <= set(as_staff)
    assert "commission_percent" not in set(as_patient) | set(as_doctor)
    assert as_hospital["commission_percent"] == as_staff["commission_percent"] == "10.00"
    row = api.as_(doctor).get("/bookings").json()["data"][0]
    assert not money & set(row)


def test_milestones_balance_and_what_is_due(api, coordinator):
    booking = booking_in(S.PAYMENT_PENDING, hospital=HospitalFactory(currency="KWD"))
    data = api.as_(booking.patient.user).get(f"/bookings/{booking.pk}").json()["data"]
    assert (data["total_amount"], data["balance"], data["amount_due"], data["currency"]) == (
        "1000.000",
        "1000.000",
        "200.000",
        "KWD",
    )
    assert [(m["name"], m["amount"], m["needed_for"], m["state"]) for m in data["milestones"]] == [
        ("Deposit", "200.000", "travel_arrangement", "due"),
        ("Balance", "800.000", "in_treatment", "due"),
    ]


def test_quotation_details_show_the_newest_ever_sent_and_never_a_draft(api, coordinator):
    booking = booking_in(S.ACCEPTED)
    draft(booking)
    path = f"/bookings/{booking.pk}"
    assert api.as_(coordinator).get(path).json()["data"]["quotation_details"] is None
    step(booking, S.QUOTATION_SENT)
    draft(booking)
    shown = api.as_(booking.patient.user).get(path).json()["data"]["quotation_details"]
    assert (shown["version"], shown["status"], shown["total"]) == (1, "sent", "1000.00")


def test_an_etag_and_a_304(api, coordinator):
    booking = requested()
    client, path = api.as_(booking.patient.user), f"/bookings/{booking.pk}"
    tag = client.get(path).headers["ETag"]
    assert client.get(path, HTTP_IF_NONE_MATCH=tag).status_code == 304
    stale = client.patch(path, {"notes": "x"}, HTTP_IF_MATCH='"1.0"')
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    assert client.patch(path, {"notes": "x"}, HTTP_IF_MATCH=tag).status_code == 200
    assert client.get(path, HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_filters(api, coordinator, admin):
    first, second = requested(), booking_in(S.PAYMENT_PENDING)
    client = api.as_(admin)
    set_follow_up(first, at=clock.now() + DAY, actor=coordinator)
    today, tomorrow = str(clock.today()), str(clock.today() + DAY)

    def found(**query):
        answer = client.get("/bookings", query)
        assert answer.status_code == 200, answer.json()
        return {row["id"] for row in answer.json()["data"]}

    one, two = {str(first.pk)}, {str(second.pk)}
    assert found() == one | two
    assert found(status="requested") == one
    assert found(payment_status="unpaid") == one | two
    assert found(patient_id=second.patient_id) == two
    assert found(hospital_id=first.hospital_id) == one
    assert found(coordinator_id=coordinator.pk) == one | two
    assert found(coordinator_id=admin.pk) == set()
    assert found(search=first.booking_number) == one
    assert found(date_from=today, date_to=today) == one | two
    assert found(date_from=tomorrow) == set()
    assert found(admission_from=second.confirmed_date, admission_to=second.confirmed_date) == two
    assert found(waiting_on="payer") == two
    assert found(follow_up_before=(clock.now() + 2 * DAY).isoformat()) == one
    Booking.objects.filter(pk=first.pk).update(due_at=clock.now() - DAY)
    assert found(overdue="true") == one
    assert found(overdue="false") == two
    assert found(ordering="booking_number", limit=1) == one


@pytest.mark.parametrize(
    "query",
    [
        "status=lost",
        "payment_status=x",
        "patient_id=x",
        "date_from=yesterday",
        "waiting_on=moon",
        "overdue=perhaps",
        "follow_up_before=2026-01-01",
        "ordering=patient__user__password",
        "limit=0",
        "page=x",
    ],
)
def test_an_unknown_filter_value_is_refused(query, api, coordinator):
    assert api.as_(coordinator).get(f"/bookings?{query}").status_code == 400


def test_filters_of_staff_are_unknown_to_others_and_ignored(api, coordinator):
    booking = requested()
    for user in (booking.patient.user, booking.hospital.admin_user):
        assert len(api.as_(user).get("/bookings?waiting_on=moon&overdue=x").json()["data"]) == 1
    doctor = with_doctor(booking)
    assert len(api.as_(doctor).get("/bookings?payment_status=overpaid").json()["data"]) == 1


@pytest.mark.parametrize("path", ["/bookings", "/bookings?search=MB", "/patients/{patient}/bookings"])
def test_a_list_costs_the_same_queries_for_one_row_and_for_three(path, api, coordinator):
    patient = make_patient()
    booking_in(S.PAYMENT_PENDING, patient=patient)
    client = api.as_(coordinator)

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path.format(patient=patient.pk)).status_code == 200
        return len(queries)

    count()
    one = count()
    for status in (S.QUOTATION_SENT, S.TRAVEL_ARRANGEMENT):
        booking_in(status, patient=patient)
    assert count() == one


def test_the_queries_of_one_booking(api, coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    client = api.as_(coordinator)

    def count():
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/bookings/{booking.pk}")
        return len(queries)

    count()
    assert count() <= 8


# --- /patients/:id/bookings -----------------------------------------------------------------------------------------


def test_the_bookings_of_a_patient(api, coordinator):
    booking = requested()
    requested()
    path = f"/patients/{booking.patient_id}/bookings"
    for user in (booking.patient.user, coordinator, booking.hospital.admin_user):
        rows = api.as_(user).get(path).json()["data"]
        assert [row["id"] for row in rows] == [str(booking.pk)]
    for user, status in ((make_patient().user, 404), (HospitalFactory().admin_user, 404), (None, 401)):
        assert api.as_(user).get(path).status_code == status


# --- PATCH ----------------------------------------------------------------------------------------------------------


def test_a_patient_changes_their_wish_and_nothing_else(api, coordinator):
    booking = requested()
    treatment = HospitalTreatmentFactory(hospital=booking.hospital).treatment
    said = {
        "treatment_id": str(treatment.pk),
        "notes": "Other",
        "status": "confirmed",
        "coordinator_id": str(UserFactory(coordinator=True).pk),
        "follow_up_note": "x",
        "total_amount": "1.00",
    }
    answer = api.as_(booking.patient.user).patch(f"/bookings/{booking.pk}", said)
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert (data["treatment_id"], data["notes"]) == (str(treatment.pk), "Other")
    booking.refresh_from_db()
    assert (booking.status, booking.coordinator, booking.follow_up_note, booking.total_amount) == (
        "requested",
        coordinator,
        "",
        None,
    )


def test_later_it_is_too_late(api, coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    answer = api.as_(booking.patient.user).patch(f"/bookings/{booking.pk}", {"notes": "Other"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_late")


def test_staff_hand_over_follow_up_and_reschedule(api, coordinator):
    booking, another = booking_in(S.PAYMENT_PENDING), UserFactory(coordinator=True)
    day = str(booking.confirmed_date + DAY)
    said = {
        "coordinator_id": str(another.pk),
        "follow_up_at": "2027-01-01T10:00:00+01:00",
        "follow_up_note": "Call",
        "confirmed_date": day,
        "asked_by": "patient",
        "reason": "A wedding",
    }
    answer = api.as_(coordinator).patch(f"/bookings/{booking.pk}", said)
    assert answer.status_code == 200, answer.json()
    data = answer.json()["data"]
    assert (data["coordinator_id"], data["confirmed_date"]) == (str(another.pk), day)
    assert (data["follow_up_at"], data["follow_up_note"]) == ("2027-01-01T09:00:00Z", "Call")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"coordinator_id": "unknown"}, "coordinator_id"),
        ({"coordinator_id": "an admin"}, "coordinator_id"),
        ({"follow_up_at": "2027-01-01T10:00:00"}, "follow_up_at"),
        ({"doctor_id": "elsewhere"}, "doctor_id"),
        ({"confirmed_date": "2999-01-01"}, "asked_by"),
        ({"confirmed_date": "2999-01-01", "asked_by": "embassy"}, "asked_by"),
        ({"requested_date": "2020-01-01"}, "requested_date"),
    ],
)
def test_what_staff_cannot_write(said, field, api, coordinator):
    booking = requested()
    ids = {
        "unknown": "01a203d4-0000-7000-8000-000000000000",
        "an admin": UserFactory(admin=True).pk,
        "elsewhere": DoctorFactory().pk,
    }
    said = {name: str(ids.get(value, value)) for name, value in said.items()}
    answer = api.as_(coordinator).patch(f"/bookings/{booking.pk}", said)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


@pytest.mark.parametrize("body", ["[]", "{", '{"a": 1, "a": 2}', '{"notes": "\\u0000"}', "null", '{"notes": NaN}'])
def test_malformed_json_is_a_400(body, api, coordinator):
    booking = requested()
    answer = api.as_(coordinator).generic("PATCH", f"/bookings/{booking.pk}", body, content_type="application/json")
    assert answer.status_code == 400


def test_a_doctor_whose_licence_is_not_verified_sees_no_case_t1(api):
    booking = booking_in(S.PAYMENT_PENDING)
    doctor = DoctorFactory(is_verified=True)
    booking.doctor = doctor
    booking.save(update_fields=["doctor"])
    address = f"/api/v1/bookings/{booking.pk}"
    assert api.as_(doctor.user).get(address).status_code == 200
    doctor.is_verified = False
    doctor.save(update_fields=["is_verified"])
    assert api.as_(doctor.user).get(address).status_code == 404
