"""Patients and their records; a record's file is a small PDF that is really stored."""

import hashlib

import factory
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from apps.clinical.models import EmergencyAccess, MedicalRecord, Patient
from apps.clinical.models.emergency_access import LIFETIME
from medivoy.core import clock
from tests.factories.accounts import UserFactory

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class PatientFactory(DjangoModelFactory):
    user = factory.SubFactory(UserFactory)
    country = "KW"
    city = "Kuwait City"
    blood_group = "A+"
    allergies = ["Penicillin"]

    class Meta:
        model = Patient


class MedicalRecordFactory(DjangoModelFactory):
    class Params:
        content = PDF

    patient = factory.SubFactory(PatientFactory)
    record_type = "xray"
    title = "Chest X-ray"
    file = factory.LazyAttribute(lambda record: ContentFile(record.content, name="scan.pdf"))
    file_size = factory.LazyAttribute(lambda record: len(record.content))
    file_type = "application/pdf"
    sha256 = factory.LazyAttribute(lambda record: hashlib.sha256(record.content).hexdigest())
    uploaded_by_user = factory.SelfAttribute("patient.user")

    class Meta:
        model = MedicalRecord


class EmergencyAccessFactory(DjangoModelFactory):
    user = factory.SubFactory(UserFactory, coordinator=True)
    patient = factory.SubFactory(PatientFactory)
    reason = "Unconscious, and nobody knows of allergies"
    ends_at = factory.LazyFunction(lambda: clock.now() + LIFETIME)

    class Meta:
        model = EmergencyAccess
