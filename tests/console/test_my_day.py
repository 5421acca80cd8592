"""The first screen: whose turn it is, and nothing else."""

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.bookings.services.follow_ups import set_follow_up
from apps.bookings.states import BookingStatus as S
from medivoy.core import clock
from tests.console.conftest import session_of
from tests.counting import queries
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in

pytestmark = pytest.mark.django_db
HOME = "/admin/"


def day(client, scope="all"):
    return client.get(HOME, {"scope": scope}).context["my_day"]


def numbers(rows):
    return [row.booking.booking_number for row in rows]


def test_your_turn_lists_the_cases_that_wait_on_the_coordinator_the_latest_due_last(desk):
    later = booking_in(S.ACCEPTED)
    first = booking_in(S.REQUESTED)
    booking_in(S.UNDER_REVIEW)  # the hospital's turn
    assert numbers(day(desk)["your_turn"]) == [first.booking_number, later.booking_number]


def test_mine_all_and_unassigned_are_told_apart_and_remembered(desk, coordinator):
    mine = booking_in(S.REQUESTED)
    other = booking_in(S.REQUESTED)
    other.coordinator = UserFactory(coordinator=True)
    other.save(update_fields=["coordinator"])
    nobodys = booking_in(S.REQUESTED)
    nobodys.coordinator = None
    nobodys.save(update_fields=["coordinator"])
    mine.coordinator = coordinator
    mine.save(update_fields=["coordinator"])
    assert numbers(day(desk, "mine")["your_turn"]) == [mine.booking_number]
    assert numbers(day(desk, "unassigned")["your_turn"]) == [nobodys.booking_number]
    assert desk.get(HOME).context["my_day"]["scope"] == "unassigned"
    assert len(day(desk, "all")["your_turn"]) == 3


def test_follow_ups_of_today_stand_there_with_their_notes_and_those_of_tomorrow_do_not(desk, coordinator):
    today, tomorrow = booking_in(S.UNDER_REVIEW), booking_in(S.UNDER_REVIEW)
    set_follow_up(today, at=clock.now() - timedelta(minutes=5), note="Ask about the visa", actor=coordinator)
    set_follow_up(tomorrow, at=clock.now() + timedelta(days=2), actor=coordinator)
    answer = desk.get(HOME, {"scope": "all"})
    assert numbers(answer.context["my_day"]["follow_ups"]) == [today.booking_number]
    assert "Ask about the visa" in answer.content.decode()


def test_the_next_step_of_each_row_is_a_button(desk):
    booking_in(S.REQUESTED)
    assert "Take into review" in desk.get(HOME, {"scope": "all"}).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_cases(desk):
    booking_in(S.REQUESTED)
    desk.get(HOME, {"scope": "all"})
    one = queries(lambda: desk.get(HOME, {"scope": "all"}))
    for _ in range(4):
        booking_in(S.ACCEPTED)
    assert queries(lambda: desk.get(HOME, {"scope": "all"})) == one


@pytest.mark.parametrize("role", ["hospital_admin", "doctor", "patient"])
def test_who_does_not_work_here_does_not_get_in(role):
    user = UserFactory(**({role: True} if role != "patient" else {}))
    answer = session_of(user).get(HOME)
    assert answer.status_code == 302
    assert reverse("admin:login") in answer["Location"]


def test_a_translator_sees_no_cases():
    client = session_of(UserFactory(translator=True))
    booking = booking_in(S.REQUESTED)
    assert booking.booking_number not in client.get(HOME).content.decode()
    assert client.get(reverse("admin:bookings_booking_changelist")).status_code == 403
    assert client.get(reverse("admin:bookings_booking_change", args=[booking.pk])).status_code == 403
