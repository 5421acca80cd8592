"""Many at the same moment: one choice each of coordinators, one winner of a case. Each with a negative control."""

import time
from collections import Counter

import pytest

from apps.billing.services.acceptance import accept_quotation
from apps.bookings.models import Booking, BookingEvent
from apps.bookings.services import assignment, journey
from apps.bookings.services.booking import Wish, request_booking
from apps.bookings.services.transition import lock
from apps.bookings.states import BookingStatus as S
from medivoy.core.context import writing
from medivoy.core.errors import Conflict, DomainError, StaleVersion
from tests import figures
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in, make_patient, step
from tests.factories.hospitals import HospitalFactory, HospitalTreatmentFactory
from tests.race import contend

pytestmark = pytest.mark.django_db(transaction=True)

COORDINATORS = 3


def request_at_once():
    """As many requests as contenders, at the same moment; return how many each coordinator got."""
    hospital = HospitalFactory()
    treatment = HospitalTreatmentFactory(hospital=hospital).treatment
    patients = [make_patient() for _ in range(figures.CONTENDERS)]

    def ask(number):
        patient = patients[number]
        with writing(patient.user):
            wish = Wish(patient=patient, hospital=hospital, treatment=treatment)
            return request_booking(wish, actor=patient.user)

    bookings = contend(ask)
    assert all(isinstance(booking, Booking) for booking in bookings), bookings
    assert len({booking.booking_number for booking in bookings}) == figures.CONTENDERS
    return Counter(Booking.objects.filter(pk__in=[b.pk for b in bookings]).values_list("coordinator", flat=True))


@pytest.mark.parametrize("_round", range(figures.ROUNDS))
def test_requests_at_the_same_moment_are_shared_out_evenly(_round):
    idle = [UserFactory(coordinator=True).pk for _ in range(COORDINATORS)]
    got = request_at_once()
    assert set(got) == set(idle)
    assert max(got.values()) - min(got.values()) <= 1


def test_without_the_lock_they_are_not(monkeypatch):
    """The negative control: everyone counts, then everyone chooses."""
    idle = [UserFactory(coordinator=True).pk for _ in range(COORDINATORS)]
    choose = assignment.choose_coordinator

    def choose_slowly(*args, **kwargs):
        chosen = choose(*args, **kwargs)
        time.sleep(0.2)
        return chosen

    monkeypatch.setattr(assignment, "take_turns", lambda: None)
    monkeypatch.setattr(assignment, "choose_coordinator", choose_slowly)
    got = request_at_once()
    assert max(got.values()) - min(got[pk] for pk in idle) > 1


def move_at_once(booking, to=S.UNDER_REVIEW, **seen):
    coordinator = booking.coordinator

    def ask(_number):
        with writing(coordinator):
            return step(booking, to, actor=coordinator, **seen)

    return contend(ask)


@pytest.mark.parametrize("_round", range(figures.ROUNDS))
def test_of_many_who_saw_the_same_state_one_moves_the_case(_round):
    booking = booking_in(S.REQUESTED)
    results = move_at_once(booking, expected_status=S.REQUESTED)
    refused = [result for result in results if isinstance(result, Conflict)]
    assert (len(results) - len(refused), {error.code for error in refused}) == (1, {"stale_status"})
    assert BookingEvent.objects.filter(booking=booking, to_status=S.UNDER_REVIEW).count() == 1


@pytest.mark.parametrize("_round", range(figures.ROUNDS))
def test_of_many_who_saw_the_same_version_one_moves_the_case(_round):
    booking = booking_in(S.REQUESTED)
    results = move_at_once(booking, expected_version=version_of(booking))
    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert sum(isinstance(result, StaleVersion) for result in results) == figures.CONTENDERS - 1


def version_of(booking):
    return Booking.objects.values_list("version", flat=True).get(pk=booking.pk)


def test_who_did_not_say_what_they_saw_is_told_that_it_is_so_already():
    booking = booking_in(S.REQUESTED)
    results = move_at_once(booking)
    assert {result.status for result in results} == {S.UNDER_REVIEW}
    assert BookingEvent.objects.filter(booking=booking, to_status=S.UNDER_REVIEW).count() == 1


def test_without_the_lock_the_case_is_moved_many_times(monkeypatch):
    """The negative control: each reads the state, then each writes it."""
    booking = booking_in(S.REQUESTED)

    def look(booking_id, **_seen):
        seen = Booking.objects.select_related("hospital__admin_user", "patient__user", "coordinator").get(pk=booking_id)
        time.sleep(0.2)
        return seen

    monkeypatch.setattr(journey, "lock", look)
    move_at_once(booking, expected_status=S.REQUESTED)
    assert BookingEvent.objects.filter(booking=booking, to_status=S.UNDER_REVIEW).count() > 1


@pytest.mark.parametrize("_round", range(figures.ROUNDS))
def test_accepting_cancelling_and_asking_for_more_at_once_leave_one_story(_round):
    booking = booking_in(S.QUOTATION_SENT)
    patient, coordinator = booking.patient.user, booking.coordinator

    def ask(number):
        with writing(patient):
            if number % 3 == 0:
                return accept_quotation(booking, actor=patient)
            if number % 3 == 1:
                return step(booking, S.AWAITING_MEDICAL_DETAILS, actor=coordinator, notes="More, please")
            return step(booking, S.REJECTED, actor=coordinator, reason="No capacity")

    results = contend(ask)
    assert all(isinstance(result, (Booking, DomainError)) for result in results), results
    quotation = booking.quotations.get()
    with writing(None):
        ended = lock(booking.pk)
    assert (ended.total_amount is not None) == (quotation.status == "accepted")
    assert booking.milestones.count() in (0, 2)
    moves = list(booking.events.filter(kind="moved").values_list("to_status", flat=True))
    assert moves.count(S.CONFIRMED) == (quotation.status == "accepted")
