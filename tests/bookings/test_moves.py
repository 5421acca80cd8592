"""allowed_transitions: every move the asker's role has, and what blocks the others."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from apps.bookings.models import Booking
from apps.bookings.moves import allowed_transitions
from apps.bookings.states import BookingStatus as S
from tests.bookings.table import who
from tests.factories.accounts import people
from tests.factories.bookings import booking_in, draft, pay_deposit, step

pytestmark = pytest.mark.django_db


def listed(booking, user):
    fresh = Booking.objects.for_moves().get(pk=booking.pk)
    return {move["status"]: move for move in allowed_transitions(fresh, user)}


@pytest.mark.parametrize("status", S.values)
def test_it_lists_the_moves_of_the_role_in_the_order_of_the_states(status, coordinator):
    booking = booking_in(status)
    for role, user in people().items():
        wanted = [to for to in S.values if role in who(status, to)]
        if status == S.ON_HOLD:
            wanted = [to for to in wanted if to in (booking.held_from, S.CANCELLED)]
        assert list(listed(booking, user)) == wanted


def test_a_blocked_move_says_by_what_in_a_sentence(coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    move = listed(booking, coordinator)[S.TRAVEL_ARRANGEMENT]
    assert move == {
        "status": "travel_arrangement",
        "label": "Travel arrangement",
        "allowed": False,
        "code": "balance_needed",
        "reason": "a balance of 200.00 INR is needed",
    }
    assert listed(pay_deposit(booking), coordinator)[S.TRAVEL_ARRANGEMENT]["allowed"] is True


def test_sending_needs_a_draft(coordinator):
    booking = booking_in(S.ACCEPTED)
    assert listed(booking, coordinator)[S.QUOTATION_SENT]["code"] == "nothing_to_send"
    draft(booking)
    assert listed(booking, coordinator)[S.QUOTATION_SENT]["allowed"] is True


def test_the_return_from_hold_asks_no_guard(coordinator):
    booking = step(booking_in(S.QUOTATION_SENT), S.ON_HOLD, reason="funds", review_on=date(2999, 1, 1))
    assert listed(booking, coordinator)[S.QUOTATION_SENT] == {
        "status": "quotation_sent",
        "label": "Quotation sent",
        "allowed": True,
        "code": None,
        "reason": None,
    }


def test_the_sentence_speaks_the_language_at_work(coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    with translation.override("fr"):
        reason = listed(booking, coordinator)[S.TRAVEL_ARRANGEMENT]["reason"]
    assert "200,00 INR" in reason


def test_a_page_of_bookings_costs_no_more_queries_than_one(coordinator):
    def count(size):
        with CaptureQueriesContext(connection) as queries:
            for booking in Booking.objects.for_moves()[:size]:
                allowed_transitions(booking, coordinator)
        return len(queries)

    for status in (S.ACCEPTED, S.PAYMENT_PENDING, S.COMPLETED):
        draft_booking = booking_in(status)
        if status == S.ACCEPTED:
            draft(draft_booking)
    assert count(1) == count(3)
