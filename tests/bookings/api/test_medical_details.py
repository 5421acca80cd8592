"""Who reads, and who writes, what a patient says of their health on a booking."""

import pytest

from apps.accounts.models import AuditEntry
from apps.bookings.models import Booking, WantedDocument
from apps.bookings.states import BookingStatus as S
from medivoy.core import clock
from medivoy.core.context import writing
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in
from tests.factories.hospitals import HospitalDoctorFactory, HospitalFactory

pytestmark = pytest.mark.django_db
DETAILS = {"complaint": "Knee pain"}


@pytest.fixture
def booking():
    work = HospitalDoctorFactory(hospital=HospitalFactory(currency="USD"))
    booking = booking_in(S.AWAITING_MEDICAL_DETAILS, hospital=work.hospital, medical_details=DETAILS)
    Booking.objects.filter(pk=booking.pk).update(doctor=work.doctor)
    WantedDocument.objects.create(booking=booking, type="mri", why="Torn ligament?")
    booking.refresh_from_db()
    return booking


@pytest.fixture
def people(booking):
    return {
        "patient": booking.patient.user,
        "doctor": booking.doctor.user,
        "hospital_admin": booking.hospital.admin_user,
        "coordinator": UserFactory(coordinator=True),
        "admin": UserFactory(admin=True),
    }


@pytest.mark.parametrize("who", ["patient", "doctor", "hospital_admin", "coordinator"])
def test_those_who_care_for_the_case_read_them(api, booking, people, who):
    found = api.as_(people[who]).get(f"/bookings/{booking.pk}").json()["data"]

    assert found["medical_details"] == DETAILS
    assert "Torn ligament?" in [wanted["why"] for wanted in found["wanted_documents"]]


@pytest.mark.parametrize("change", [{"revoked_at": clock.now()}, {"ends_at": clock.now()}])
def test_t17_hospital_and_doctor_do_as_long_as_the_patient_lets_them(api, booking, people, change):
    """T17: a consent that is revoked or over closes them at once, and nothing is told as read."""
    with writing(None):
        booking.consents.update(**change)

    for who in ("doctor", "hospital_admin"):
        answer = api.as_(people[who]).get(f"/bookings/{booking.pk}")
        assert answer.status_code == 200
        assert "medical_details" not in answer.json()["data"]
        assert "Torn ligament?" not in answer.content.decode()
        assert not AuditEntry.objects.filter(actor=str(people[who].pk), fields__contains=["medical_details"]).exists()
    for who in ("patient", "coordinator"):
        assert api.as_(people[who]).get(f"/bookings/{booking.pk}").json()["data"]["medical_details"] == DETAILS


def test_t17_admins_do_not(api, booking, people):
    """T17: neither when they read the case nor in the answer to what they write on it."""
    admin = api.as_(people["admin"])
    answers = [
        admin.get(f"/bookings/{booking.pk}"),
        admin.get(f"/bookings?patient_id={booking.patient_id}"),
        admin.get(f"/bookings/{booking.pk}/timeline"),
        admin.patch(f"/bookings/{booking.pk}", {"notes": "Wheelchair"}),
    ]

    for answer in answers:
        assert answer.status_code == 200
        assert "Knee pain" not in answer.content.decode()
        assert "Torn ligament?" not in answer.content.decode()
    found = answers[0].json()["data"]
    assert "medical_details" not in found
    assert all("why" not in wanted for wanted in found["wanted_documents"])


def test_what_somebody_does_not_read_they_do_not_write(api, booking, people):
    forged = {"medical_details": {"complaint": "None at all"}, "notes": "Wheelchair"}

    assert api.as_(people["admin"]).patch(f"/bookings/{booking.pk}", forged).status_code == 200

    booking.refresh_from_db()
    assert (booking.medical_details, booking.notes) == (DETAILS, "Wheelchair")
    assert api.as_(people["coordinator"]).patch(f"/bookings/{booking.pk}", forged).status_code == 200
    booking.refresh_from_db()
    assert booking.medical_details == forged["medical_details"]
