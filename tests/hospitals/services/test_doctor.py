"""Verifying doctors, and where they work."""

from functools import partial

import pytest

from apps.hospitals.models import HospitalDoctor
from apps.hospitals.services.doctor import AlreadyAffiliated, affiliate, verify_doctor
from medivoy.core.errors import GuardFailed
from tests.factories.hospitals import DoctorFactory, HospitalFactory
from tests.race import contend


@pytest.mark.django_db
def test_a_licence_is_verified_and_taken_back(admin):
    doctor = DoctorFactory(is_verified=False)
    assert verify_doctor(doctor, actor=admin).is_verified
    assert not verify_doctor(doctor, actor=admin, verified=False).is_verified


@pytest.mark.django_db
def test_without_a_licence_number_there_is_nothing_to_verify(admin):
    """T1."""
    doctor = DoctorFactory(is_verified=False, license_number="")
    with pytest.raises(GuardFailed) as refusal:
        verify_doctor(doctor, actor=admin)
    assert refusal.value.code == "license_missing"
    doctor.refresh_from_db()
    assert not doctor.is_verified


@pytest.mark.django_db(transaction=True)
def test_of_many_who_add_a_doctor_at_once_one_wins():
    hospital, doctor = HospitalFactory(), DoctorFactory()
    add = partial(affiliate, doctor, hospital=hospital, actor=hospital.admin_user)
    results = contend(lambda _number: add())
    losers = [result for result in results if isinstance(result, AlreadyAffiliated)]
    assert len(losers) == len(results) - 1
    assert HospitalDoctor.objects.count() == 1
