"""Who looks after a case (domain.md, Assignment)."""

from datetime import timedelta

import pytest

from apps.bookings.models import Booking, EventKind
from apps.bookings.services.assignment import choose_coordinator, hand_over, reassign_cases
from apps.bookings.states import BookingStatus as S
from apps.notifications.models import Notification
from medivoy.core import clock
from medivoy.core.errors import InvalidInput
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in, make_patient, requested, step

pytestmark = pytest.mark.django_db


def coordinators(count, **user):
    return [UserFactory(coordinator=True, **user) for _ in range(count)]


def test_a_new_case_goes_to_whoever_has_fewest_open_ones():
    first, second = coordinators(2)
    mine = [requested().coordinator for _ in range(4)]
    assert mine.count(first) == mine.count(second) == 2
    # A closed case counts no more.
    closed = Booking.objects.filter(coordinator=second).first()
    step(closed, S.CANCELLED, party="patient", reason="price")
    assert requested().coordinator == second


def test_ties_go_to_whoever_has_waited_longest_for_a_new_one():
    first, second = coordinators(2)
    now = clock.now()
    for hours, coordinator in ((3, second), (2, first)):
        with clock.at(now - timedelta(hours=hours)):
            hand_over(requested(), to=coordinator, actor=first)
    assert choose_coordinator("en") == second


def test_whoever_never_had_one_has_waited_longest():
    coordinators(1)
    booking = requested()
    newcomer = UserFactory(coordinator=True)
    step(booking, S.CANCELLED, party="patient", reason="price")
    assert choose_coordinator("en") == newcomer


def test_a_coordinator_who_speaks_the_language_comes_first():
    _english, arabic = coordinators(1)[0], UserFactory(coordinator=True, spoken_languages=["en", "ar"])
    patient = make_patient(preferred_language="ar")
    assert [requested(patient=patient).coordinator for _ in range(3)] == [arabic] * 3


def test_where_nobody_speaks_it_anybody_does():
    anybody = UserFactory(coordinator=True, spoken_languages=["en"])
    assert requested(patient=make_patient(preferred_language="hi")).coordinator == anybody


def test_whoever_is_away_or_inactive_gets_none():
    present = UserFactory(coordinator=True, away_until=clock.now() - timedelta(hours=1))
    UserFactory(coordinator=True, away_until=clock.now() + timedelta(hours=1))
    UserFactory(coordinator=True, deactivated=True)
    UserFactory(admin=True)
    assert [requested().coordinator for _ in range(2)] == [present] * 2


def test_with_nobody_left_it_is_unassigned_and_the_admins_are_told(admin):
    away = UserFactory(coordinator=True, away_until=clock.now() + timedelta(days=1))
    booking = requested()
    assert booking.coordinator is None
    assert booking.events.get(kind=EventKind.ASSIGNED).data["to"] is None
    told = Notification.objects.filter(type="booking_unassigned", channel="in_app")
    assert [row.user for row in told] == [admin]
    assert not Notification.objects.filter(user=away).exists()


def test_the_choice_stands_on_the_timeline():
    (coordinator,) = coordinators(1, first_name="Amal", last_name="Nair")
    event = requested().events.get(kind=EventKind.ASSIGNED)
    assert event.actor is None
    assert event.data == {"from": None, "to": str(coordinator.pk), "coordinator": "Amal Nair"}


def test_a_case_is_handed_over_with_a_note_and_the_new_one_is_told(admin):
    first, second = coordinators(2)
    booking = hand_over(requested(), to=first, actor=admin)
    booking = hand_over(booking, to=second, actor=first, internal_notes="Speaks Hindi")
    event = booking.events.filter(kind=EventKind.ASSIGNED).last()
    assert (booking.coordinator, event.actor, event.internal_notes) == (second, first, "Speaks Hindi")
    assert Notification.objects.filter(type="booking_assigned", user=second).exists()


def test_handing_over_to_the_same_one_writes_nothing():
    (coordinator,) = coordinators(1)
    booking = requested()
    count = booking.events.count()
    hand_over(booking, to=coordinator, actor=coordinator)
    assert booking.events.count() == count


@pytest.mark.parametrize("who", [{"admin": True}, {"coordinator": True, "deactivated": True}, {"doctor": True}])
def test_only_an_active_coordinator_gets_a_case(who, coordinator):
    with pytest.raises(InvalidInput) as refusal:
        hand_over(requested(), to=UserFactory(**who), actor=coordinator)
    assert "coordinator_id" in refusal.value.errors


def test_the_open_cases_of_a_coordinator_who_stops_move_by_the_rule_and_say_so(admin):
    leaving, staying = coordinators(2)
    cases = [hand_over(requested(), to=leaving, actor=admin) for _ in range(2)]
    closed = hand_over(booking_in(S.CANCELLED), to=leaving, actor=admin)
    leaving.is_active = False
    leaving.save(update_fields=["is_active"])
    assert reassign_cases(leaving, actor=admin) == 2
    for case in cases:
        case.refresh_from_db()
        assert case.coordinator == staying
        assert case.events.filter(kind=EventKind.ASSIGNED).last().data["from"] == str(leaving.pk)
    closed.refresh_from_db()
    assert closed.coordinator == leaving
    assert Notification.objects.filter(type="booking_assigned", user=staying, channel="in_app").count() == 2


def test_or_to_whoever_is_named(admin):
    leaving, named, _idle = coordinators(3)
    case = hand_over(requested(), to=leaving, actor=admin)
    reassign_cases(leaving, actor=admin, to=named)
    case.refresh_from_db()
    assert case.coordinator == named
    with pytest.raises(InvalidInput):
        reassign_cases(named, actor=admin, to=named)


def test_they_never_come_back_to_whoever_leaves(admin):
    (leaving,) = coordinators(1)
    case = requested()
    reassign_cases(leaving, actor=admin)
    case.refresh_from_db()
    assert case.coordinator is None


def test_news_of_a_case_that_nobody_looks_after_reaches_the_admins(admin):
    booking = booking_in(S.UNDER_REVIEW)
    booking.coordinator = None
    booking.save(update_fields=["coordinator"])
    step(booking, S.ACCEPTED, actor=booking.hospital.admin_user)
    assert Notification.objects.filter(user=admin, type="booking_accepted", channel="in_app").count() == 1
