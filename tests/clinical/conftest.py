"""Who acts in the tests of patients and their records, and the case that they meet in."""

import pytest

from tests.factories.accounts import UserFactory
from tests.factories.bookings import requested
from tests.factories.clinical import MedicalRecordFactory, PatientFactory
from tests.factories.hospitals import DoctorFactory


@pytest.fixture
def admin(db):
    return UserFactory(admin=True)


@pytest.fixture
def coordinator(db):
    return UserFactory(coordinator=True)


@pytest.fixture
def translator(db):
    return UserFactory(translator=True)


@pytest.fixture
def patient(db):
    return PatientFactory()


@pytest.fixture
def other_patient(db):
    return PatientFactory()


@pytest.fixture
def doctor(db):
    """The doctor who is named on `booking`."""
    return DoctorFactory()


@pytest.fixture
def booking(patient, doctor, coordinator):
    """An open case of `patient`, with the consent that goes with it."""
    booking = requested(patient=patient)
    type(booking).objects.filter(pk=booking.pk).update(doctor=doctor)
    booking.refresh_from_db()
    return booking


@pytest.fixture
def owner(booking):
    """The administrator of the booking's hospital."""
    return booking.hospital.admin_user


@pytest.fixture
def document(booking):
    """A document of the case."""
    return MedicalRecordFactory(patient=booking.patient, booking=booking, is_shared_with_doctors=True)


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    """Each test stores its files in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT
