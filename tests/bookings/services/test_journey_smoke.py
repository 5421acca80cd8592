import pytest

from apps.bookings.states import BookingStatus as S
from tests.factories.bookings import booking_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", S.values)
def test_every_state_is_reached_by_services(status):
    assert booking_in(status).status == status
