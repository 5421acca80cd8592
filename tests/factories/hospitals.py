"""Rows of the catalogue, public unless the test says otherwise."""

from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from apps.hospitals.models import Doctor, Hospital, HospitalDoctor, HospitalTreatment, Package, Treatment
from tests.factories.accounts import UserFactory


class HospitalFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Hospital {n}")
    slug = factory.Sequence(lambda n: f"hospital-{n}")
    type = "general"
    country = "IN"
    city = "Chennai"
    timezone = "Asia/Kolkata"
    currency = "INR"
    is_verified = True
    admin_user = factory.SubFactory(UserFactory, hospital_admin=True)

    class Meta:
        model = Hospital


class DoctorFactory(DjangoModelFactory):
    user = factory.SubFactory(UserFactory, doctor=True)
    specialty = "Cardiology"
    license_number = factory.Sequence(lambda n: f"LIC-{n:05d}")
    consultation_fee = Decimal("50.00")
    currency = "USD"
    is_verified = True

    class Meta:
        model = Doctor


class HospitalDoctorFactory(DjangoModelFactory):
    hospital = factory.SubFactory(HospitalFactory)
    doctor = factory.SubFactory(DoctorFactory)
    department = "Heart centre"

    class Meta:
        model = HospitalDoctor


class TreatmentFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Treatment {n}")
    category = "cardiology"
    duration_days = 7

    class Meta:
        model = Treatment


class HospitalTreatmentFactory(DjangoModelFactory):
    hospital = factory.SubFactory(HospitalFactory)
    treatment = factory.SubFactory(TreatmentFactory)
    base_price = Decimal("5000.00")
    currency = "USD"
    success_rate = Decimal("95.00")

    class Meta:
        model = HospitalTreatment


class PackageFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Package {n}")
    country = "IN"
    duration_days = 10
    base_price = Decimal("7000.00")
    currency = "USD"

    class Meta:
        model = Package
        skip_postgeneration_save = True

    @factory.post_generation
    def hospitals(self, create, hospitals, **kwargs):
        if create and hospitals:
            self.hospitals.set(hospitals)

    @factory.post_generation
    def treatments(self, create, treatments, **kwargs):
        if create and treatments:
            self.treatments.set(treatments)
