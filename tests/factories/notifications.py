"""Rows of the outbox as `notify` leaves them; news in the app by default, `email=True` for a mail that is due."""

import factory
from factory.django import DjangoModelFactory

from apps.notifications.models import Channel, Notification
from medivoy.core import clock
from medivoy.core.ids import uuid7
from tests.factories.accounts import UserFactory


class NotificationFactory(DjangoModelFactory):
    event_id = factory.LazyFunction(uuid7)
    user = factory.SubFactory(UserFactory)
    channel = Channel.IN_APP
    type = "booking_accepted"
    title = factory.Sequence(lambda n: f"Booking MB-2026-{n:06d}: request accepted")
    message = "The hospital can take it on."
    language = "en"
    reference_type = "booking"
    reference_id = factory.LazyFunction(uuid7)
    is_sent = True
    sent_at = factory.LazyFunction(clock.now)

    class Meta:
        model = Notification

    class Params:
        email = factory.Trait(
            channel=Channel.EMAIL,
            is_sent=False,
            sent_at=None,
            address=factory.LazyAttribute(lambda row: row.user.email),
            link="https://medivoy.test/bookings/1",
        )
        given_up = factory.Trait(
            email=True, attempts=10, failed_at=factory.LazyFunction(clock.now), last_error="refused"
        )
