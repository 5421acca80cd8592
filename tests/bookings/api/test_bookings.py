"""GET /bookings, /bookings/:id and /patients/:id/bookings: who sees what."""

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
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def with_doctor(booking):
    doctor = HospitalDoctorFactory(hospital=booking.hospital).doctor
    Booking.objects.filter(pk=booking.pk).update(doctor=doctor)
    return doctor.user


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


def test_the_bookings_of_a_patient(api, coordinator):
    booking = requested()
    requested()
    path = f"/patients/{booking.patient_id}/bookings"
    for user in (booking.patient.user, coordinator, booking.hospital.admin_user):
        rows = api.as_(user).get(path).json()["data"]
        assert [row["id"] for row in rows] == [str(booking.pk)]
    for user, status in ((make_patient().user, 404), (HospitalFactory().admin_user, 404), (None, 401)):
        assert api.as_(user).get(path).status_code == status
