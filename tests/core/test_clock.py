"""Days and instants."""

from datetime import UTC, date, datetime, timedelta

import pytest

from medivoy.core import clock
from medivoy.core.errors import InvalidInput


def test_a_day_begins_and_ends_by_the_clocks_of_its_zone():
    day = date(2027, 3, 28)
    assert clock.start_of_day(day, "Europe/Paris") == datetime(2027, 3, 27, 23, tzinfo=UTC)
    assert clock.end_of_day(day, "Europe/Paris") == datetime(2027, 3, 28, 22, tzinfo=UTC)


@pytest.mark.parametrize("day", [date.min, date(1799, 12, 31), date(3000, 1, 1), date.max])
@pytest.mark.parametrize("instant_of", [clock.start_of_day, clock.end_of_day])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"])
def test_t57_a_day_out_of_reach_is_bad_input_and_no_fault(day, instant_of, zone):
    """T57."""
    with pytest.raises(InvalidInput):
        instant_of(day, zone)


@pytest.mark.parametrize("day", [clock.FIRST_DAY, clock.LAST_DAY])
def test_every_day_within_reach_has_an_end(day):
    assert clock.end_of_day(day, "UTC").date() == day + timedelta(days=1)
