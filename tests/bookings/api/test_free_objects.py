"""Objects of any shape in a body: `medical_details`, and the parts of a travel plan."""

import pytest

from apps.bookings.models import Booking
from apps.bookings.states import BookingStatus as S
from tests.factories.bookings import booking_in, coordinator_for, requested

pytestmark = pytest.mark.django_db

WEIGHT = {"weight": 71.5, "readings": [1, -0.25, 1e3], "pregnant": False, "note": None}


def test_what_was_written_is_read_back(api):
    booking = requested()
    answer = api.as_(booking.patient.user).patch(f"/bookings/{booking.pk}", {"medical_details": WEIGHT})
    assert answer.json()["data"]["medical_details"] == WEIGHT


def test_a_number_with_a_point_may_stand_in_a_travel_plan(api):
    booking = booking_in(S.CONFIRMED)
    answer = api.as_(coordinator_for(booking)).put(f"/bookings/{booking.pk}/travel", {"visa": {"fee": 80.5}})
    assert (answer.status_code, answer.json()["data"]["visa"]) == (200, {"fee": 80.5})


@pytest.mark.parametrize("number", ["1e300", "-1e300", "9007199254740993", "-99999999999999999999999"])
def test_t57_a_number_that_no_answer_could_carry_is_refused(api, number):
    """T57: stored, it would break every later reading of the case."""
    booking = requested()
    body = f'{{"medical_details": {{"deep": [{{"n": {number}}}]}}}}'
    answer = api.as_(booking.patient.user).generic(
        "PATCH", f"/bookings/{booking.pk}", body, content_type="application/json"
    )
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"medical_details"})
    assert Booking.objects.get(pk=booking.pk).medical_details == {}


@pytest.mark.parametrize("query", ["date_to=9999-12-31", "date_from=0001-01-01", "admission_to=9999-12-31"])
def test_t57_a_list_is_narrowed_by_days_within_reach(api, query):
    """T57."""
    assert api.as_(requested().patient.user).get(f"/bookings?{query}").status_code == 400
