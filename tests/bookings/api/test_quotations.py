"""/bookings/:id/quotation…: drafts, versions, the patient's answer, the paper."""

from datetime import timedelta

import pytest

from apps.bookings.models import Quotation
from apps.bookings.states import BookingStatus as S
from medivoy.core import clock
from tests.factories.accounts import UserFactory
from tests.factories.bookings import accept, booking_in, draft, make_patient, step
from tests.factories.hospitals import DoctorFactory, HospitalDoctorFactory, HospitalFactory

pytestmark = pytest.mark.django_db

LINE = {"description": "Surgery", "quantity": 1, "unit_price": 1}


@pytest.fixture
def accepted(coordinator):
    return booking_in(S.ACCEPTED)


def body(booking, **said):
    line = {"description": "Surgery", "quantity": 2, "unit_price": "500.00", "tax_rate": "5"}
    day = booking.local_today() + timedelta(days=14)
    return {"line_items": [line], "currency": "INR", "valid_until": str(day)} | said


# --- POST quotation -------------------------------------------------------------------------------------------------


def test_a_draft_with_its_totals(api, accepted, coordinator):
    answer = api.as_(coordinator).post(f"/bookings/{accepted.pk}/quotation", body(accepted))
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert (data["version"], data["status"], data["sent_at"]) == (1, "draft", None)
    assert (data["subtotal"], data["tax_amount"], data["rounding"], data["total"]) == (
        "1000.00",
        "50.00",
        "0.00",
        "1050.00",
    )
    assert data["admission_date"] == str(accepted.requested_date)
    (line,) = data["line_items"]
    assert (line["kind"], line["quantity"], line["amount"], line["tax_amount"]) == (
        "included",
        "2.00",
        "1000.00",
        "50.00",
    )
    accepted.refresh_from_db()
    assert accepted.status == S.ACCEPTED


def test_the_hospital_and_admins_draft_too_patients_do_not(api, accepted, admin):
    path = f"/bookings/{accepted.pk}/quotation"
    doctor = HospitalDoctorFactory(hospital=accepted.hospital).doctor
    said = body(accepted, doctor_id=str(doctor.pk), nights=5, exclusions=["Flights"], rests_on="The MRI")
    data = api.as_(accepted.hospital.admin_user).post(path, said).json()["data"]
    assert (data["doctor"]["id"], data["nights"], data["exclusions"]) == (str(doctor.pk), 5, ["Flights"])
    assert api.as_(admin).post(path, body(accepted)).status_code == 201
    assert api.as_(accepted.patient.user).post(path, body(accepted)).status_code == 403
    assert api.as_(HospitalFactory().admin_user).post(path, body(accepted)).status_code == 404


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"line_items": []}, "line_items"),
        ({"line_items": None}, "line_items"),
        ({"line_items": [{"description": "x", "quantity": 1}]}, "line_items.0.unit_price"),
        ({"line_items": [LINE | {"description": ""}]}, "line_items.0.description"),
        ({"line_items": [LINE | {"quantity": 0}]}, "line_items.0.quantity"),
        ({"line_items": [LINE | {"unit_price": -1}]}, "line_items.0.unit_price"),
        ({"line_items": [LINE | {"unit_price": "1.001"}]}, "line_items.0.unit_price"),
        ({"line_items": [LINE | {"unit_price": "1e5"}]}, "line_items.0.unit_price"),
        ({"line_items": [LINE | {"kind": "gift"}]}, "line_items.0.kind"),
        ({"line_items": [LINE | {"tax_rate": 101}]}, "line_items.0.tax_rate"),
        ({"line_items": [LINE] * 101}, "line_items"),
        ({"currency": "XXQ"}, "currency"),
        ({"currency": None}, "currency"),
        ({"valid_until": "2020-01-01"}, "valid_until"),
        ({"valid_until": "tomorrow"}, "valid_until"),
        ({"admission_date": "2020-01-01"}, "admission_date"),
        ({"nights": -1}, "nights"),
        ({"doctor_id": "elsewhere"}, "doctor_id"),
        ({"treatment_id": "01a203d4-0000-7000-8000-000000000000"}, "treatment_id"),
    ],
)
def test_bad_drafts_are_refused_on_their_field(said, field, api, accepted, coordinator):
    said = {name: str(DoctorFactory().pk) if value == "elsewhere" else value for name, value in said.items()}
    answer = api.as_(coordinator).post(f"/bookings/{accepted.pk}/quotation", body(accepted, **said))
    assert answer.status_code == 400, answer.json()
    assert field in answer.json()["errors"], answer.json()
    assert not Quotation.objects.exists()


def test_the_same_key_drafts_once(api, accepted, coordinator):
    client, path, said = api.as_(coordinator), f"/bookings/{accepted.pk}/quotation", body(accepted)
    ids = {client.post(path, said, HTTP_IDEMPOTENCY_KEY="k").json()["data"]["id"] for _ in range(2)}
    assert len(ids) == Quotation.objects.count() == 1


def test_after_the_acceptance_it_is_too_late(api, coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    answer = api.as_(coordinator).post(f"/bookings/{booking.pk}/quotation", body(booking))
    assert (answer.status_code, answer.json()["code"]) == (409, "too_late")


# --- GET quotations -------------------------------------------------------------------------------------------------


def test_a_patient_reads_every_version_that_was_sent_and_no_draft(api, coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    draft(booking)
    booking = step(booking, S.QUOTATION_SENT)
    draft(booking)
    path = f"/bookings/{booking.pk}/quotations"

    def versions(user):
        return [(row["version"], row["status"]) for row in api.as_(user).get(path).json()["data"]]

    sent = [(2, "sent"), (1, "superseded")]
    assert versions(booking.patient.user) == sent
    assert versions(booking.hospital.admin_user) == versions(coordinator) == [(3, "draft"), *sent]
    doctor = HospitalDoctorFactory(hospital=booking.hospital).doctor
    type(booking).objects.update(doctor=doctor)
    assert api.as_(doctor.user).get(path).status_code == 403


# --- accept and decline ---------------------------------------------------------------------------------------------


def test_a_patient_accepts(api, coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    client, path = api.as_(booking.patient.user), f"/bookings/{booking.pk}/quotation/accept"
    data = client.post(path, {"version": 1}).json()["data"]
    assert (data["status"], data["total_amount"], data["quotation_details"]["status"]) == (
        "payment_pending",
        "1000.00",
        "accepted",
    )
    assert booking.quotations.get().acceptance.ip == "127.0.0.1"
    again = client.post(path, {"version": 1})
    assert (again.status_code, again.json()["data"]["version"]) == (200, data["version"])


def test_what_is_not_the_current_version(api, coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    draft(booking)
    booking = step(booking, S.QUOTATION_SENT)
    client, path = api.as_(booking.patient.user), f"/bookings/{booking.pk}/quotation/accept"
    for said, expected in (
        ({"version": 1}, (409, "quotation_superseded")),
        ({"version": 9}, (400, "validation_error")),
        ({"version": "x"}, (400, "validation_error")),
        ({"version": 0}, (400, "validation_error")),
        ({}, (400, "validation_error")),
    ):
        answer = client.post(path, said)
        assert (answer.status_code, answer.json()["code"]) == expected, said
    assert client.post(path, {"version": 2}).status_code == 200


def test_an_expired_quotation_is_not_accepted(api, coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    client, path = api.as_(booking.patient.user), f"/bookings/{booking.pk}/quotation/accept"
    with clock.at(clock.end_of_day(booking.quotations.get().valid_until, booking.hospital.timezone)):
        for action, said in (("accept", {}), ("decline", {"reason": "x"})):
            answer = client.post(path.replace("accept", action), said)
            assert (answer.status_code, answer.json()["code"]) == (409, "quotation_expired")
    assert booking.quotations.get().status == "sent"


def test_nothing_to_accept_yet(api, accepted):
    answer = api.as_(accepted.patient.user).post(f"/bookings/{accepted.pk}/quotation/accept", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert answer.json()["details"]["current"] == "accepted"


def test_only_the_patient_answers(api, coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    for user, status in (
        (coordinator, 403),
        (UserFactory(admin=True), 403),
        (booking.hospital.admin_user, 403),
        (make_patient().user, 404),
        (None, 401),
    ):
        for action, said in (("accept", {}), ("decline", {"reason": "x"})):
            path = f"/bookings/{booking.pk}/quotation/{action}"
            assert api.as_(user).post(path, said).status_code == status


def test_declining_needs_a_reason_and_leaves_the_state(api, coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    client, path = api.as_(booking.patient.user), f"/bookings/{booking.pk}/quotation/decline"
    assert "reason" in client.post(path, {}).json()["errors"]
    data = client.post(path, {"version": 1, "reason": "Too dear"}).json()["data"]
    assert (data["status"], data["waiting_on"], data["quotation_details"]["status"]) == (
        "quotation_sent",
        "coordinator",
        "declined",
    )
    assert data["quotation_details"]["decline_reason"] == "Too dear"


# --- the paper ------------------------------------------------------------------------------------------------------


def paper(answer):
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    return answer.content


def test_the_paper_is_in_the_patients_language_or_the_one_asked_for(api, coordinator):
    booking = booking_in(S.QUOTATION_SENT, patient=make_patient(preferred_language="ar"))
    client, path = api.as_(coordinator), f"/bookings/{booking.pk}/quotation/pdf"
    own, french = client.get(path), client.get(f"{path}?lang=fr")
    assert (own.headers["Content-Language"], french.headers["Content-Language"]) == ("ar", "fr")
    assert paper(own) != paper(french)
    assert "QT-" in own.headers["Content-Disposition"]


def test_a_patient_gets_sent_versions_only(api, coordinator):
    booking = booking_in(S.ACCEPTED)
    draft(booking)
    path = f"/bookings/{booking.pk}/quotation/pdf"
    as_patient, as_staff = api.as_(booking.patient.user), api.as_(coordinator)
    assert as_patient.get(path).status_code == 404
    assert as_patient.get(f"{path}?version=1").status_code == 404
    assert as_staff.get(path).status_code == 200
    booking = step(booking, S.QUOTATION_SENT)
    draft(booking)
    assert as_patient.get(path).status_code == 200
    assert as_patient.get(f"{path}?version=2").status_code == 404
    first, newest = as_staff.get(f"{path}?version=1"), as_staff.get(path)
    assert first.content == newest.content, "without a version it is the newest sent"
    assert as_staff.get(f"{path}?version=2").content != newest.content
    assert as_staff.get(f"{path}?version=3").status_code == 404
    assert as_staff.get(f"{path}?version=x").status_code == 400


@pytest.mark.parametrize("language", ["en", "ar", "hi", "es", "fr"])
def test_the_paper_of_everything_in_every_language(language, api, coordinator):
    booking = booking_in(S.ACCEPTED, hospital=HospitalFactory(currency="KWD", address="Street 1\nBlock 2"))
    doctor = HospitalDoctorFactory(hospital=booking.hospital).doctor
    lines = [
        {"description": "Surgery الجراحة", "quantity": 1, "unit_price": "999.993", "tax_rate": "5"},
        {"description": "Nurse", "quantity": "2.5", "unit_price": 10, "kind": "optional"},
        {"description": "Blood", "quantity": 1, "unit_price": 10, "unit_price_to": 50, "kind": "possible_extra"},
    ]
    said = body(booking, line_items=lines, currency="KWD", doctor_id=str(doctor.pk), nights=5)
    said |= {"exclusions": ["Flights", "Visa"], "rests_on": "The MRI of March"}
    assert api.as_(coordinator).post(f"/bookings/{booking.pk}/quotation", said).status_code == 201
    answer = api.as_(coordinator).get(f"/bookings/{booking.pk}/quotation/pdf?lang={language}")
    assert len(paper(answer)) > 5_000


def test_the_same_version_is_always_the_same_paper(api, coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    path = f"/bookings/{booking.pk}/quotation/pdf"
    first = api.as_(coordinator).get(path).content
    accept(booking)
    booking.hospital.offers.update(base_price=1)
    assert api.as_(booking.patient.user).get(path).content == first
