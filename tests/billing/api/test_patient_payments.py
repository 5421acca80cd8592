"""GET /patients/:id/payments."""

import uuid

import pytest

from tests.factories.accounts import UserFactory, people
from tests.factories.billing import owing, pay

pytestmark = pytest.mark.django_db


def test_the_payments_of_a_patient_and_of_nobody_else(api, booking, coordinator):
    payment = pay(booking)
    pay(owing())
    for user in (booking.patient.user, booking.hospital.admin_user, coordinator):
        answer = api.as_(user).get(f"/patients/{booking.patient_id}/payments")
        assert [row["id"] for row in answer.json()["data"]] == [str(payment.pk)]


def test_anothers_are_not_found_like_an_unknown_patients(api, booking):
    for user in (UserFactory(), owing().hospital.admin_user):
        for pk in (booking.patient_id, uuid.uuid4()):
            assert api.as_(user).get(f"/patients/{pk}/payments").status_code == 404


@pytest.mark.parametrize("role", ["doctor", "translator"])
def test_doctors_and_translators_see_none(api, booking, role):
    assert api.as_(people()[role]).get(f"/patients/{booking.patient_id}/payments").status_code == 403


def test_a_hospital_sees_what_was_paid_on_its_own_bookings_only(api, booking):
    pay(booking)
    other = owing()
    other.patient.bookings.update(patient=booking.patient)
    answer = api.as_(other.hospital.admin_user).get(f"/patients/{booking.patient_id}/payments")
    assert answer.json()["data"] == []
