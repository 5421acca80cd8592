"""Drafts and what they add up to; versions and what becomes of them (domain.md, Quotation)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.bookings.models import EventKind, Quotation
from apps.bookings.services.quotation import Offer, OfferLine, draft_from_last, draft_from_package, draft_quotation
from apps.bookings.services.quotation_answers import decline_quotation, expire_offer
from apps.bookings.services.transition import lock
from apps.bookings.states import BookingStatus as S
from apps.bookings.tasks import expire_quotations
from apps.notifications.models import Notification
from medivoy.core import clock
from medivoy.core.errors import GuardFailed, InvalidInput
from medivoy.core.ids import uuid7
from tests.factories.bookings import accept, booking_in, draft, requested, step
from tests.factories.hospitals import (
    DoctorFactory,
    HospitalDoctorFactory,
    HospitalFactory,
    HospitalTreatmentFactory,
    PackageFactory,
)

# --- drafts ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_draft_moves_nothing_and_takes_over_what_is_known(coordinator):
    booking = booking_in(S.ACCEPTED)
    quotation = draft(booking)
    booking = lock(booking.pk)
    assert (booking.status, quotation.status, quotation.version_number) == (S.ACCEPTED, "draft", 1)
    assert quotation.admission_date == booking.requested_date
    assert quotation.treatment == booking.treatment
    assert booking.events.get(kind=EventKind.QUOTATION).visibility == "hospital"


@pytest.mark.django_db
def test_versions_are_counted_and_numbers_are_their_own(coordinator):
    booking = booking_in(S.ACCEPTED)
    versions = [draft(booking) for _ in range(3)]
    assert [quotation.version_number for quotation in versions] == [1, 2, 3]
    assert len({quotation.quotation_number for quotation in versions}) == 3
    assert versions[0].quotation_number.startswith("QT-")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("offer", "field"),
    [
        ({"lines": []}, "line_items"),
        ({"lines": [OfferLine("Surgery", Decimal("1.005"))]}, "line_items.0.unit_price"),
        ({"lines": [OfferLine("x", Decimal("999999999999999"), Decimal(10))]}, "line_items.0.unit_price"),
        ({"lines": [OfferLine("x", Decimal("900000000000000"))] * 2}, "line_items"),
        ({"lines": [OfferLine("x", Decimal(5), unit_price_to=Decimal(6))]}, "line_items.0.unit_price_to"),
        (
            {"lines": [OfferLine("x", Decimal(5), kind="possible_extra", unit_price_to=Decimal(4))]},
            "line_items.0.unit_price_to",
        ),
        (
            {"lines": [OfferLine("x", Decimal(5), kind="possible_extra", unit_price_to=Decimal("6.001"))]},
            "line_items.0.unit_price_to",
        ),
        ({"lines": [OfferLine("x", Decimal(5), Decimal(0))]}, "line_items.0.quantity"),
        ({"lines": [OfferLine("x", Decimal(-5))]}, "line_items.0.unit_price"),
        ({"valid_until": -1}, "valid_until"),
        ({"admission_date": -1}, "admission_date"),
        ({"doctor": "another's"}, "doctor_id"),
        ({"treatment": "another's"}, "treatment_id"),
    ],
)
def test_what_a_draft_cannot_say(offer, field, coordinator):
    booking = booking_in(S.ACCEPTED)
    replaced = {
        "valid_until": lambda: booking.local_today() - timedelta(days=1),
        "admission_date": lambda: booking.local_today() - timedelta(days=1),
        "doctor": DoctorFactory,
        "treatment": lambda: HospitalTreatmentFactory().treatment,
    }
    offer = {name: replaced[name]() if name in replaced else value for name, value in offer.items()}
    with pytest.raises(InvalidInput) as refusal:
        draft(booking, **offer)
    assert list(refusal.value.errors) == [field]
    assert not Quotation.objects.exists()


@pytest.mark.django_db
def test_the_same_id_finds_the_same_draft(coordinator):
    booking, key = booking_in(S.ACCEPTED), uuid7()
    day = booking.local_today() + timedelta(days=9)
    offer = Offer(currency="INR", valid_until=day, lines=[OfferLine("Surgery", Decimal(5))])
    made = {draft_quotation(booking, actor=coordinator, offer=offer, id=key).pk for _ in range(2)}
    assert made == {key}


@pytest.mark.django_db
def test_a_doctor_who_works_there_is_named(coordinator):
    booking = booking_in(S.ACCEPTED)
    doctor = HospitalDoctorFactory(hospital=booking.hospital).doctor
    assert draft(booking, doctor=doctor).doctor == doctor


@pytest.mark.django_db
def test_after_the_acceptance_there_are_no_more_drafts(coordinator):
    with pytest.raises(GuardFailed) as refusal:
        draft(booking_in(S.PAYMENT_PENDING))
    assert refusal.value.code == "too_late"


@pytest.mark.django_db
def test_a_package_is_drafted_by_one_call_from_its_price_for_the_date_and_the_travellers(coordinator):
    hospital = HospitalFactory()
    package = PackageFactory(
        base_price=Decimal("1000.00"),
        currency="USD",
        duration_days=8,
        inclusions=["Airport transfer"],
        seasonal_pricing=[{"from": "01-01", "to": "12-31", "percent": 110}],
    )
    package.hospitals.add(hospital)
    booking = requested(hospital=hospital, package=package, travellers=2)
    quotation = draft_from_package(booking, actor=coordinator)
    assert (quotation.total, quotation.currency, quotation.nights) == (Decimal("2200.00"), "USD", 7)
    assert [row.description for row in quotation.lines.all()] == [package.name, "Airport transfer"]


@pytest.mark.django_db
def test_without_a_package_there_is_nothing_to_draft_from(coordinator):
    with pytest.raises(InvalidInput):
        draft_from_package(requested(), actor=coordinator)


@pytest.mark.django_db
def test_a_new_version_says_what_the_last_one_said_until_another_day(coordinator):
    booking = booking_in(S.ACCEPTED)
    with pytest.raises(GuardFailed):
        draft_from_last(booking, actor=coordinator)
    last = draft(
        booking, lines=[OfferLine("Surgery", Decimal(900), tax_rate=Decimal(5)), OfferLine("Stay", Decimal(100))]
    )
    day = booking.local_today() + timedelta(days=40)
    copy = draft_from_last(booking, actor=coordinator, valid_until=day)
    assert (copy.version_number, copy.total, copy.valid_until) == (2, last.total, day)
    assert [row.description for row in copy.lines.all()] == ["Surgery", "Stay"]


# --- versions -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_newer_version_supersedes_the_one_that_was_out(coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    draft(booking)
    booking = step(booking, S.QUOTATION_SENT)
    assert list(booking.quotations.values_list("status", flat=True)) == ["superseded", "sent"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("to", "given"),
    [
        (S.AWAITING_MEDICAL_DETAILS, {"notes": "More, please"}),
        (S.REJECTED, {"reason": "No capacity"}),
        (S.CANCELLED, {"party": "patient", "reason": "price"}),
    ],
)
def test_the_version_that_is_out_is_withdrawn_where_the_case_moves_on_without_it(to, given, coordinator):
    booking = step(booking_in(S.QUOTATION_SENT), to, **given)
    quotation = booking.quotations.get()
    assert quotation.status == "withdrawn"
    assert quotation.closed_at is not None


@pytest.mark.django_db
def test_declining_takes_a_reason_leaves_the_state_and_tells_the_coordinator(coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    patient = booking.patient.user
    with pytest.raises(InvalidInput):
        decline_quotation(booking, actor=patient, reason="")
    decline_quotation(booking, actor=patient, reason="Too dear")
    booking = lock(booking.pk)
    assert (booking.status, booking.quotations.get().status) == (S.QUOTATION_SENT, "declined")
    assert booking.quotations.get().decline_reason == "Too dear"
    assert Notification.objects.filter(type="quotation_declined", user=coordinator).exists()
    count = booking.events.count()
    decline_quotation(booking, actor=patient, reason="Too dear")
    assert booking.events.count() == count
    with pytest.raises(GuardFailed) as refusal:
        accept(booking)
    assert refusal.value.code == "quotation_superseded"


@pytest.mark.django_db
def test_what_was_never_sent_is_not_declined(coordinator):
    booking = booking_in(S.ACCEPTED)
    draft(booking)
    with pytest.raises(GuardFailed) as refusal:
        decline_quotation(booking, actor=booking.patient.user, reason="?")
    assert refusal.value.code == "quotation_superseded"


@pytest.mark.django_db
def test_the_database_knows_one_sent_and_one_accepted_version_at_most(coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    second = draft(booking)
    for status in ("sent", "accepted"):
        Quotation.objects.filter(booking=booking, version_number=1).update(status=status)
        with pytest.raises(IntegrityError), transaction.atomic():
            Quotation.objects.filter(pk=second.pk).update(status=status)


# --- the end of the last day, at the hospital -----------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Niue"])
def test_a_quotation_is_valid_to_the_last_second_of_its_day_at_the_hospital(zone, coordinator):
    booking = booking_in(S.QUOTATION_SENT, hospital=HospitalFactory(timezone=zone))
    quotation = booking.quotations.get()
    end = clock.end_of_day(quotation.valid_until, zone)
    assert quotation.expires_at() == end
    with clock.at(end - timedelta(microseconds=1)):
        assert expire_quotations.run() is None
        assert lock(booking.pk).quotations.get().status == "sent"
        sid = transaction.savepoint()
        assert accept(booking).status == S.PAYMENT_PENDING
        transaction.savepoint_rollback(sid)
    with clock.at(end):
        with pytest.raises(GuardFailed) as refusal:
            accept(booking)
        assert refusal.value.code == "quotation_expired"
        assert booking.quotations.get().status == "sent", "a refusal writes nothing"
        expire_quotations.run()
        assert booking.quotations.get().status == "expired"
        assert lock(booking.pk).status == S.QUOTATION_SENT
        with pytest.raises(GuardFailed) as refusal:
            accept(booking)
        assert refusal.value.code == "quotation_expired"


@pytest.mark.django_db
def test_expiring_twice_says_so_once(coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    with clock.at(clock.now() + timedelta(days=30)):
        expire_quotations.run()
        expire_quotations.run()
    assert booking.events.filter(kind=EventKind.QUOTATION, data__state="expired").count() == 1
    assert Notification.objects.filter(type="quotation_expired", user=coordinator, channel="in_app").count() == 1


@pytest.mark.django_db
def test_while_held_nothing_expires_and_on_resuming_it_does(coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    booking = step(booking, S.ON_HOLD, reason="funds", review_on=booking.local_today())
    with clock.at(clock.now() + timedelta(days=30)):
        expire_quotations.run()
        assert not expire_offer(lock(booking.pk))
        assert booking.quotations.get().status == "sent"
        booking = step(booking, S.QUOTATION_SENT)
        assert booking.quotations.get().status == "expired"
