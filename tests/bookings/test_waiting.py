"""Whose turn it is, in every state; and that what is stored is always what the facts say."""

import random
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from apps.bookings.models import Booking, BookingEvent, EventKind
from apps.bookings.moves import allowed_transitions
from apps.bookings.services.dates import reschedule
from apps.bookings.services.details import attach_record
from apps.bookings.services.money import write_money
from apps.bookings.services.quotation_answers import decline_quotation, expire_offer
from apps.bookings.services.transition import lock, refresh_waiting
from apps.bookings.services.travel import write_travel
from apps.bookings.states import BOOKING
from apps.bookings.states import BookingStatus as S
from apps.bookings.states import WaitingOn as W
from apps.bookings.waiting import derive, facts_of
from medivoy.core import clock
from medivoy.core.errors import DomainError
from tests import figures
from tests.factories.bookings import accept, booking_in, draft, pay, pay_deposit, requested, step
from tests.factories.clinical import MedicalRecordFactory

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUMS = [Decimal(50), Decimal(200), Decimal(1000)]
DONE = {"visa": "granted", "flights": "done", "transfers": "not_needed", "accommodation": "done"}


def upload(booking, wanted=None):
    record = MedicalRecordFactory(patient=booking.patient)
    wanted_id = wanted.pk if wanted else None
    attach_record(record, booking_id=booking.pk, wanted_id=wanted_id, actor=booking.patient.user)
    return lock(booking.pk)


@pytest.mark.parametrize(
    ("status", "party"),
    [
        (S.REQUESTED, W.COORDINATOR),
        (S.UNDER_REVIEW, W.HOSPITAL),
        (S.ACCEPTED, W.COORDINATOR),
        (S.AWAITING_MEDICAL_DETAILS, W.PATIENT),
        (S.QUOTATION_SENT, W.PATIENT),
        (S.CONFIRMED, W.COORDINATOR),
        (S.PAYMENT_PENDING, W.PAYER),
        (S.PAYMENT_COMPLETED, W.COORDINATOR),
        (S.INVOICE_SENT, W.COORDINATOR),
        (S.TRAVEL_ARRANGEMENT, W.COORDINATOR),
        (S.IN_TREATMENT, W.HOSPITAL),
        (S.COMPLETED, W.NOBODY),
        (S.FEEDBACK_RECEIVED, W.NOBODY),
        (S.REJECTED, W.NOBODY),
        (S.ON_HOLD, W.NOBODY),
        (S.CANCELLED, W.NOBODY),
    ],
)
def test_each_state_waits_on_somebody(status, party, coordinator):
    booking = booking_in(status)
    assert booking.waiting_on == party
    assert booking.waiting_since == booking.status_since
    has_a_clock = party != W.NOBODY or status == S.ON_HOLD
    assert (booking.due_at is not None) == has_a_clock


@pytest.mark.parametrize(
    ("status", "hours"),
    [(S.REQUESTED, 4), (S.UNDER_REVIEW, 24), (S.AWAITING_MEDICAL_DETAILS, 7 * 24)],
)
def test_the_clocks_of_the_brief(status, hours, coordinator):
    booking = booking_in(status)
    assert booking.due_at == booking.waiting_since + hours * HOUR


def test_documents_that_are_complete_start_the_quotations_48_hours(coordinator):
    booking = booking_in(S.ACCEPTED)
    booking = step(booking, S.AWAITING_MEDICAL_DETAILS, wanted=[{"type": "mri"}, {"type": "xray"}])
    first, second = booking.wanted_documents.all()
    assert upload(booking, first).waiting_on == W.PATIENT
    with clock.at(clock.now() + 5 * HOUR):
        booking = upload(booking, second)
        assert (booking.waiting_on, booking.waiting_since) == (W.COORDINATOR, clock.now())
        assert booking.due_at == clock.now() + 48 * HOUR


def test_a_quotation_is_late_24_hours_before_it_expires(coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    sent = booking.quotations.get()
    assert booking.due_at == sent.expires_at() - DAY
    assert booking.amber_at == booking.waiting_since + 3 * DAY


@pytest.mark.parametrize("answer", ["declined", "expired"])
def test_a_quotation_that_came_to_nothing_waits_on_the_coordinator(answer, coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    with clock.at(clock.now() + (20 * DAY if answer == "expired" else HOUR)):
        if answer == "declined":
            decline_quotation(booking, actor=booking.patient.user, reason="Too dear")
        else:
            assert expire_offer(lock(booking.pk))
        booking = lock(booking.pk)
        assert (booking.status, booking.waiting_on) == (S.QUOTATION_SENT, W.COORDINATOR)
        assert booking.waiting_since == clock.now()


def test_a_deposit_is_late_a_day_after_it_was_due(coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    due = booking.milestones.get(needed_for=S.TRAVEL_ARRANGEMENT).due_date
    zone = booking.hospital.timezone
    assert (booking.amber_at, booking.due_at) == (clock.start_of_day(due, zone), clock.end_of_day(due + DAY, zone))
    assert pay_deposit(booking).waiting_on == W.COORDINATOR


def test_travel_waits_on_the_embassy_the_coordinator_the_payer_and_the_hospital(coordinator):
    booking = step(pay_deposit(booking_in(S.PAYMENT_PENDING)), S.TRAVEL_ARRANGEMENT)

    def plan(**checklist):
        write_travel(booking, actor=coordinator, plan={"checklist": checklist})
        return lock(booking.pk)

    assert plan(visa="applied").waiting_on == W.EMBASSY
    assert plan(visa="granted").waiting_on == W.COORDINATOR
    ready = plan(**DONE)
    start = clock.start_of_day(ready.confirmed_date, ready.hospital.timezone)
    assert (ready.waiting_on, ready.amber_at, ready.due_at) == (W.PAYER, start - 14 * DAY, start - 7 * DAY)
    paid = pay(booking)
    assert (paid.waiting_on, paid.amber_at) == (W.HOSPITAL, start)


@pytest.mark.parametrize("status", [S.PAYMENT_PENDING, S.TRAVEL_ARRANGEMENT])
def test_an_announced_transfer_waits_on_the_coordinator(status, coordinator):
    booking = lock(booking_in(status).pk)
    if status == S.TRAVEL_ARRANGEMENT:
        write_travel(booking, actor=coordinator, plan={"checklist": DONE})
    announced = clock.now() + HOUR
    write_money(lock(booking.pk), transfer_open_since=announced)
    booking.refresh_from_db()
    assert (booking.waiting_on, booking.waiting_since) == (W.COORDINATOR, announced)


def test_without_a_day_of_admission_somebody_has_to_agree_on_one(coordinator):
    booking = booking_in(S.TRAVEL_ARRANGEMENT, requested_date=None)
    assert booking.confirmed_date is None
    write_travel(booking, actor=coordinator, plan={"checklist": DONE})
    assert lock(booking.pk).waiting_on == W.COORDINATOR


def test_a_held_case_is_looked_at_again_on_its_day(coordinator):
    booking = booking_in(S.ON_HOLD)
    assert booking.due_at == clock.start_of_day(booking.review_on, booking.hospital.timezone)


def test_what_ran_out_while_held_is_late_at_once(coordinator):
    booking = booking_in(S.UNDER_REVIEW)
    since = booking.status_since
    booking = step(booking, S.ON_HOLD, reason="medical", review_on=date(2999, 1, 1))
    with clock.at(clock.now() + 3 * DAY):
        booking = step(booking, S.UNDER_REVIEW)
        assert booking.waiting_since == since
        assert booking.due_at < clock.now()


def test_a_completed_case_that_is_not_paid_waits_on_the_payer(coordinator, admin):
    booking = step(booking_in(S.PAYMENT_PENDING), S.TRAVEL_ARRANGEMENT, actor=admin, override_reason="Emergency")
    booking = step(booking, S.IN_TREATMENT, actor=admin, override_reason="Emergency")
    booking = step(booking, S.COMPLETED)
    assert booking.waiting_on == W.PAYER
    assert pay(booking).waiting_on == W.NOBODY


# --- random walks ---------------------------------------------------------------------------------------------------


def act(booking, actor, chance):
    """Do one thing that somebody could do now; refusals are part of life."""
    moves = [move["status"] for move in allowed_transitions(booking, actor) if move["allowed"]]
    today = booking.local_today()
    told = {
        S.REJECTED: {"reason": "No capacity"},
        S.AWAITING_MEDICAL_DETAILS: {"wanted": [{"type": chance.choice(["mri", "other"])}]},
        S.CONFIRMED: {"channel": "phone", "proof": "Call"},
        S.ON_HOLD: {"reason": "funds", "review_on": today + chance.choice([0, 3]) * DAY},
        S.CANCELLED: {"party": "patient", "reason": "price"},
    }
    ends = {S.REJECTED, S.CANCELLED} if chance.random() < 0.9 else set()
    ways = [lambda to=to: step(booking, to, actor=actor, **told.get(to, {})) for to in moves if to not in ends]
    ways += [
        lambda: draft(booking, actor=actor),
        lambda: accept(booking),
        lambda: decline_quotation(booking, actor=booking.patient.user, reason="Too dear"),
        lambda: expire_offer(lock(booking.pk)),
        lambda: booking.balance > 0 and pay(booking, min(chance.choice(SUMS), booking.balance)),
        lambda: upload(booking, booking.wanted_documents.filter(state="wanted").first()),
        lambda: write_travel(booking, actor=actor, plan={"checklist": {"visa": chance.choice(["applied", "granted"])}}),
        lambda: write_travel(booking, actor=actor, plan={"checklist": DONE}),
        lambda: reschedule(
            booking, confirmed_date=today + chance.choice([5, 40]) * DAY, asked_by="patient", reason="?", actor=actor
        ),
    ]
    try:
        chance.choice(ways)()
    except DomainError:
        pass


def check(booking):
    """What is stored is what the facts say, money and timeline included."""
    turn = derive(facts_of(booking))
    stored = (booking.waiting_on, booking.waiting_since, booking.amber_at, booking.due_at)
    assert stored == (turn.party, turn.since, turn.amber_at, turn.due_at)
    if booking.is_open:
        assert booking.waiting_on != W.NOBODY or booking.review_on, "an open booking waits on somebody"
    moved = [event for event in booking.events.order_by("created_at", "id") if event.kind == EventKind.MOVED]
    assert moved[-1].to_status == booking.status
    for before, after in pairwise(moved):
        assert after.from_status == before.to_status
        assert BOOKING.between(after.from_status, after.to_status)
    if booking.total_amount is not None:
        assert sum(milestone.amount for milestone in booking.milestones.all()) == booking.total_amount


@pytest.mark.parametrize("seed", range(figures.ROUNDS * 4))
def test_after_a_random_walk_everything_can_be_computed_again(seed, coordinator):
    chance = random.Random(seed)
    booking = requested()
    now = clock.now()
    for _ in range(40):
        now += chance.choice([HOUR, 5 * HOUR, DAY, 4 * DAY])
        with clock.at(now):
            act(booking, coordinator, chance)
        booking = Booking.objects.for_detail().get(pk=booking.pk)
        check(booking)


def test_the_check_of_the_walk_finds_a_case_that_nobody_refreshed(coordinator):
    """The negative control: a write that forgets to say whose turn it is."""
    booking = booking_in(S.UNDER_REVIEW)
    Booking.objects.filter(pk=booking.pk).update(status=S.ACCEPTED)
    BookingEvent.objects.create(booking=booking, kind="moved", from_status="under_review", to_status="accepted")
    with pytest.raises(AssertionError):
        check(Booking.objects.for_detail().get(pk=booking.pk))
    refresh_waiting(lock(booking.pk))
    check(Booking.objects.for_detail().get(pk=booking.pk))
