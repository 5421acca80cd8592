"""The demo world is the same each time it is made."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from apps.bookings.models import Booking, BookingEvent
from apps.notifications.models import Notification
from medivoy.core import clock
from medivoy.core.jobs import WakeUps
from medivoy.demo import world

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]

TODAY = datetime(2026, 3, 9, 12, tzinfo=UTC)
OF_A_CASE = (
    "patient__user__email", "hospital__slug", "coordinator__email", "doctor__user__email", "status", "payment_status",
    "waiting_on", "waiting_since", "due_at", "total_amount", "currency", "amount_paid", "confirmed_date",
)  # fmt: skip


def make():
    """Make the world and return its cases, events and mails; all of it is taken back."""
    # No block: payments begin outside of any.
    before = transaction.savepoint()
    with clock.at(TODAY):
        world.build(lambda line: None)
    cases = list(Booking.objects.order_by("created_at", *OF_A_CASE[:5]).values_list(*OF_A_CASE))
    of_an_event = ("created_at", "booking__patient__user__email", "kind", "to_status")
    events = sorted(BookingEvent.objects.values_list(*of_an_event))
    mails = list(Notification.objects.order_by("created_at", "type", "address").values_list("type", "address"))
    transaction.savepoint_rollback(before)
    return cases, events, mails


def test_every_eighth_journey_has_the_same_people_and_times(monkeypatch):
    monkeypatch.setattr(WakeUps, "send", lambda *_: False)
    monkeypatch.setattr(world, "JOURNEYS", world.JOURNEYS[::8])

    first, second = make(), make()

    assert len(first[0]) > 6
    assert first == second
