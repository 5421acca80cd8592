"""What was agreed is a snapshot: later edits change nothing of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.bookings.models import Booking, CancellationPolicy, Milestone
from apps.bookings.services.milestones import agree_milestones
from apps.bookings.states import BookingStatus as S
from apps.clinical.models import Consent
from apps.hospitals.models import Hospital
from medivoy.core import clock
from medivoy.core.errors import GuardFailed, IllegalMove, InvalidInput
from medivoy.core.money import payable_step, quantize
from tests.factories.bookings import accept, booking_in, draft, requested, step
from tests.factories.hospitals import HospitalDoctorFactory, HospitalFactory, HospitalTreatmentFactory

DAY = timedelta(days=1)


@pytest.mark.django_db
def test_the_patient_accepts_and_everything_agreed_is_written_down(coordinator):
    booking = booking_in(S.ACCEPTED, hospital=HospitalFactory(commission_percent=12))
    doctor = HospitalDoctorFactory(hospital=booking.hospital).doctor
    admission = booking.local_today() + 50 * DAY
    draft(booking, total=Decimal(2000), currency="USD", doctor=doctor, admission_date=admission)
    booking = accept(step(booking, S.QUOTATION_SENT), ip="203.0.113.7", language="hi")
    assert booking.status == S.PAYMENT_PENDING
    assert (booking.total_amount, booking.currency, booking.balance) == (Decimal(2000), "USD", Decimal(2000))
    assert (booking.commission_percent, booking.doctor, booking.confirmed_date) == (12, doctor, admission)
    assert booking.policy_agreed == {
        "name": "",
        "tiers": [
            {"min_days": 30, "percent": "100"},
            {"min_days": 14, "percent": "50"},
            {"min_days": 0, "percent": "0"},
        ],
    }
    acceptance = booking.quotations.get(status="accepted").acceptance
    assert (acceptance.person, acceptance.capacity) == (booking.patient.user, "patient")
    assert (acceptance.ip, acceptance.language) == ("203.0.113.7", "hi")


@pytest.mark.django_db
def test_a_coordinator_accepts_on_their_behalf_with_channel_and_proof(coordinator):
    booking = step(booking_in(S.QUOTATION_SENT), S.CONFIRMED, channel="phone", proof="Call of 4 March")
    acceptance = booking.quotations.get().acceptance
    assert (acceptance.person, acceptance.capacity) == (coordinator, "coordinator")
    assert (acceptance.channel, acceptance.proof) == ("phone", "Call of 4 March")
    event = booking.events.get(to_status=S.CONFIRMED)
    assert event.data["channel"] == "phone"
    assert "proof" not in event.data


@pytest.mark.django_db
def test_later_edits_change_nothing_agreed(coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    agreed = Booking.objects.values("total_amount", "commission_percent", "policy_agreed").get(pk=booking.pk)
    Hospital.objects.update(commission_percent=50, deposit_percent=90)
    policy = CancellationPolicy.objects.create(name="Strict")
    policy.tiers.create(min_days=0, percent=0)
    booking.hospital.offers.update(base_price=1)
    assert Booking.objects.values(*agreed).get(pk=booking.pk) == agreed
    assert list(booking.milestones.values_list("amount", flat=True)) == [Decimal(200), Decimal(800)]


@pytest.mark.django_db
def test_the_policy_agreed_is_the_hospitals_else_the_platforms(coordinator):
    platform = CancellationPolicy.objects.create(name="Platform")
    platform.tiers.create(min_days=10, percent=70)
    hospital = HospitalFactory()
    assert CancellationPolicy.agreed_with(hospital)["tiers"] == [{"min_days": 10, "percent": "70.00"}]
    own = CancellationPolicy.objects.create(name="Own", hospital=hospital)
    own.tiers.create(min_days=5, percent=60)
    assert CancellationPolicy.agreed_with(hospital)["name"] == "Own"
    assert CancellationPolicy.agreed_with(HospitalFactory())["name"] == "Platform"


@pytest.mark.django_db
def test_the_version_already_accepted_again_writes_nothing(coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    before = Booking.objects.values().get(pk=booking.pk), booking.events.count()
    accept(booking, version=1)
    accept(booking)
    assert (Booking.objects.values().get(pk=booking.pk), booking.events.count()) == before


@pytest.mark.django_db
def test_only_the_current_version_is_accepted(coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    draft(booking, total=Decimal(900))
    booking = step(booking, S.QUOTATION_SENT)
    with pytest.raises(GuardFailed) as refusal:
        accept(booking, version=1)
    assert refusal.value.code == "quotation_superseded"
    with pytest.raises(InvalidInput) as unclear:
        accept(booking)
    assert "version" in unclear.value.errors
    with pytest.raises(InvalidInput):
        accept(booking, version=7)
    assert accept(booking, version=2).total_amount == Decimal(900)


@pytest.mark.django_db
def test_a_draft_cannot_be_accepted(coordinator):
    booking = booking_in(S.ACCEPTED)
    draft(booking)
    with pytest.raises(IllegalMove):
        accept(booking)
    with pytest.raises(IllegalMove):
        accept(booking, version=1)


@pytest.mark.django_db
def test_a_held_booking_is_not_confirmed(coordinator):
    booking = booking_in(S.ON_HOLD, held_from=S.QUOTATION_SENT)
    with pytest.raises(IllegalMove) as refusal:
        accept(booking)
    assert refusal.value.details == {"current": "on_hold", "allowed": ["cancelled"]}


@pytest.mark.django_db
def test_from_confirmed_the_consent_is_for_treatment(coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    assert list(Consent.objects.values_list("purpose", "ends_at")) == [("quotation", None)]
    accept(booking)
    assert Consent.objects.get(purpose="quotation").ends_at is not None
    assert Consent.objects.get(purpose="treatment").ends_at is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("to", "given", "purpose", "days"),
    [
        (S.REJECTED, {"reason": "No"}, "quotation", 30),
        (S.CANCELLED, {"party": "patient", "reason": "price"}, "quotation", 30),
    ],
)
def test_the_consent_for_the_quotation_runs_out_30_days_after_the_end(to, given, purpose, days, coordinator):
    booking = step(booking_in(S.QUOTATION_SENT), to, **given)
    assert Consent.objects.get(purpose=purpose).ends_at == booking.status_since + days * DAY


@pytest.mark.django_db
def test_the_consent_for_treatment_runs_out_90_days_after_discharge(coordinator):
    booking = step(booking_in(S.IN_TREATMENT), S.COMPLETED)
    end = clock.end_of_day(booking.discharged_on, booking.hospital.timezone)
    assert Consent.objects.get(purpose="treatment").ends_at == end + 90 * DAY


@pytest.mark.django_db
def test_an_opinion_gets_its_treatment_from_the_quotation(coordinator):
    hospital = HospitalFactory()
    treatment = HospitalTreatmentFactory(hospital=hospital).treatment
    booking = requested(hospital=hospital, booking_type="opinion")
    assert booking.treatment is None
    for to in (S.UNDER_REVIEW, S.ACCEPTED):
        booking = step(booking, to)
    draft(booking, treatment=treatment)
    assert accept(step(booking, S.QUOTATION_SENT)).treatment == treatment


# --- milestones -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_default_milestones(coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    today = booking.local_today()
    deposit, rest = booking.milestones.all()
    assert (deposit.amount, deposit.due_date, deposit.needed_for) == (200, today + 3 * DAY, "travel_arrangement")
    assert (rest.amount, rest.due_date, rest.needed_for) == (800, booking.confirmed_date - 7 * DAY, "in_treatment")


@pytest.mark.django_db
def test_an_admission_that_is_near_makes_nothing_due_in_the_past(coordinator):
    booking = booking_in(S.ACCEPTED)
    draft(booking, admission_date=booking.local_today() + 2 * DAY)
    booking = accept(step(booking, S.QUOTATION_SENT))
    assert booking.milestones.get(needed_for=S.IN_TREATMENT).due_date == booking.local_today()


@pytest.mark.django_db
@pytest.mark.parametrize(("percent", "amounts"), [(0, [1000]), (100, [1000]), (33, [330, 670])])
def test_the_deposit_is_the_hospitals(percent, amounts, coordinator):
    booking = booking_in(S.PAYMENT_PENDING, hospital=HospitalFactory(deposit_percent=percent))
    assert [milestone.amount for milestone in booking.milestones.all()] == amounts


@given(
    st.sampled_from(["JPY", "USD", "KWD", "ISK"]),
    st.integers(0, 10**9),
    st.decimals(0, 100, places=2),
)
def test_milestones_are_payable_and_add_up(currency, units, percent):
    total = units * payable_step(currency)
    booking = Booking(
        total_amount=total, currency=currency, hospital=Hospital(deposit_percent=percent), confirmed_date=None
    )
    saved = []
    keep = Milestone.save
    Milestone.save = lambda self, *args, **kwargs: saved.append(self)
    try:
        agree_milestones(booking, accepted_on=clock.today())
    finally:
        Milestone.save = keep
    assert sum(milestone.amount for milestone in saved) == total
    for milestone in saved:
        assert milestone.amount > 0
        assert milestone.amount % payable_step(currency) == 0
        assert quantize(milestone.amount, currency) == milestone.amount
