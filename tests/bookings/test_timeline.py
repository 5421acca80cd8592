"""The timeline is written once: the database refuses everything else (T43)."""

import pytest
from django.db import Error, connection, transaction
from django.db.models import ProtectedError

from apps.bookings.models import Booking, BookingEvent
from apps.bookings.states import BookingStatus as S
from tests.factories.bookings import booking_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE booking_events SET notes = 'other'",
        "UPDATE booking_events SET created_at = now()",
        "DELETE FROM booking_events",
        "TRUNCATE booking_events CASCADE",
    ],
)
def test_no_event_is_changed_or_removed(statement, coordinator):
    booking = booking_in(S.UNDER_REVIEW)
    count = booking.events.count()
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert booking.events.count() == count


def test_not_by_the_orm_either(coordinator):
    event = booking_in(S.UNDER_REVIEW).events.last()
    event.notes = "other"
    with pytest.raises(Error), transaction.atomic():
        event.save()
    with pytest.raises(Error), transaction.atomic():
        event.delete()
    assert BookingEvent.objects.get(pk=event.pk).notes == ""


def test_a_sent_quotation_and_its_lines_are_frozen(coordinator):
    """T46: what was sent stays as it was read."""
    quotation = booking_in(S.QUOTATION_SENT).quotations.get()
    for statement in (
        "UPDATE quotations SET total = 1",
        "UPDATE quotations SET valid_until = valid_until + 10",
        "DELETE FROM quotations",
        "UPDATE quotation_lines SET unit_price = 1",
        "DELETE FROM quotation_lines",
    ):
        with pytest.raises(Error, match=r"frozen|[Cc]annot"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(Error, match="frozen"), transaction.atomic():
        quotation.lines.create(position=9, description="More", unit_price=1)
    assert quotation.lines.count() == 1


def test_an_acceptance_is_written_once(coordinator):
    booking_in(S.PAYMENT_PENDING)
    for statement in ("UPDATE quotation_acceptances SET language = 'ar'", "DELETE FROM quotation_acceptances"):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_nobody_who_stands_on_a_case_is_deleted_with_it_or_without_it(coordinator):
    """T68: accounts are deactivated; no deletion takes a case along, none leaves one without its people."""
    booking = booking_in(S.UNDER_REVIEW)
    for row in (booking.patient.user, booking.patient, booking.coordinator, booking.hospital, booking):
        with pytest.raises(ProtectedError):
            row.delete()
    assert Booking.objects.filter(pk=booking.pk).exists()
