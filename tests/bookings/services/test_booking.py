"""A request: what it may name, and what follows from it."""

from datetime import timedelta

import pytest

from apps.bookings.models import Booking
from apps.bookings.services.booking import Wish, request_booking
from apps.clinical.models import Consent
from apps.notifications.models import Notification
from medivoy.core import clock
from medivoy.core.errors import InvalidInput
from medivoy.core.ids import uuid7
from tests.factories.accounts import UserFactory
from tests.factories.bookings import make_patient, requested
from tests.factories.hospitals import HospitalFactory, HospitalTreatmentFactory, PackageFactory, TreatmentFactory

pytestmark = pytest.mark.django_db


def test_a_request_opens_a_case(coordinator):
    booking = requested(notes="A quiet room")
    assert booking.booking_number.startswith("MB-")
    assert (booking.status, booking.payment_status, booking.currency) == ("requested", "unpaid", "INR")
    first, assigned = booking.events.all()
    assert (first.kind, first.from_status, first.to_status, first.actor) == (
        "moved",
        "",
        "requested",
        booking.patient.user,
    )
    assert assigned.kind == "assigned"
    consent = Consent.objects.get(booking=booking)
    assert (consent.hospital, consent.purpose, consent.ends_at) == (booking.hospital, "quotation", None)


def test_patient_and_coordinator_are_told_the_patient_of_their_own_too(coordinator):
    booking = requested()
    told = Notification.objects.filter(type="booking_requested").values_list("user", "channel")
    people = (booking.patient.user.pk, coordinator.pk)
    assert set(told) == {(person, channel) for person in people for channel in ("in_app", "email")}


def test_a_coordinator_who_books_for_a_patient_is_not_told_by_themselves(coordinator):
    requested(actor=coordinator)
    assert not Notification.objects.filter(type="booking_requested", user=coordinator).exists()


def test_the_kind_follows_from_what_is_named(coordinator):
    hospital = HospitalFactory()
    package = PackageFactory()
    package.hospitals.add(hospital)
    assert requested(hospital=hospital).booking_type == "treatment"
    assert requested(hospital=hospital, package=package).booking_type == "package"
    assert requested(hospital=hospital, treatment=None).booking_type == "opinion"


def test_the_same_id_finds_the_same_booking(coordinator):
    patient, hospital = make_patient(), HospitalFactory()
    treatment = HospitalTreatmentFactory(hospital=hospital).treatment
    wish, key = Wish(patient=patient, hospital=hospital, treatment=treatment), uuid7()
    first = request_booking(wish, actor=patient.user, id=key)
    second = request_booking(wish, actor=patient.user, id=key)
    assert first.pk == second.pk == key
    assert Booking.objects.count() == 1


@pytest.mark.parametrize(
    ("hospital", "field"),
    [({"is_verified": False}, "hospital_id"), ({"is_active": False}, "hospital_id")],
)
def test_only_an_active_and_verified_hospital_takes_bookings(hospital, field, coordinator):
    with pytest.raises(InvalidInput) as refusal:
        requested(hospital=HospitalFactory(**hospital))
    assert list(refusal.value.errors) == [field]
    assert not Booking.objects.exists()


def test_a_treatment_must_be_offered_there_and_available(coordinator):
    hospital = HospitalFactory()
    withdrawn = HospitalTreatmentFactory(hospital=hospital, is_available=False).treatment
    retired = HospitalTreatmentFactory(hospital=hospital, treatment=TreatmentFactory(is_active=False)).treatment
    for treatment in (TreatmentFactory(), withdrawn, retired):
        with pytest.raises(InvalidInput) as refusal:
            requested(hospital=hospital, treatment=treatment)
        assert list(refusal.value.errors) == ["treatment_id"]


def test_a_package_must_be_sold_and_the_hospital_in_it(coordinator):
    hospital = HospitalFactory()
    ended = PackageFactory(is_active=False)
    ended.hospitals.add(hospital)
    for package in (PackageFactory(), ended):
        with pytest.raises(InvalidInput) as refusal:
            requested(hospital=hospital, package=package)
        assert list(refusal.value.errors) == ["package_id"]


def test_an_opinion_names_no_treatment_and_the_others_need_theirs(coordinator):
    hospital = HospitalFactory()
    offered = HospitalTreatmentFactory(hospital=hospital).treatment
    for wish, field in (
        ({"booking_type": "opinion", "treatment": offered}, "treatment_id"),
        ({"booking_type": "treatment"}, "treatment_id"),
        ({"booking_type": "package"}, "package_id"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            requested(hospital=hospital, **wish)
        assert list(refusal.value.errors) == [field]


def test_the_wished_day_is_not_over_at_the_hospital(coordinator):
    hospital = HospitalFactory(timezone="Pacific/Kiritimati")
    there = clock.today("Pacific/Kiritimati")
    assert requested(hospital=hospital, requested_date=there).requested_date == there
    with pytest.raises(InvalidInput) as refusal:
        requested(hospital=hospital, requested_date=there - timedelta(days=1))
    assert list(refusal.value.errors) == ["requested_date"]


def test_nobody_books_for_a_deactivated_patient(coordinator):
    with pytest.raises(InvalidInput) as refusal:
        requested(patient=make_patient(is_active=False), actor=UserFactory(admin=True))
    assert list(refusal.value.errors) == ["patient_id"]
