"""What is wanted of the patient, and how it arrives."""

import pytest

from apps.bookings.models import EventKind
from apps.bookings.services.details import attach_record
from apps.bookings.services.transition import lock
from apps.bookings.states import BookingStatus as S
from apps.notifications.models import Notification
from medivoy.core.errors import GuardFailed, InvalidInput
from medivoy.core.ids import uuid7
from tests.factories.bookings import booking_in, make_patient, requested, step
from tests.factories.clinical import MedicalRecordFactory

pytestmark = pytest.mark.django_db


def record_of(patient):
    return MedicalRecordFactory(patient=patient, record_type="mri")


def attach(record, actor=None, booking_id=None, wanted_id=None):
    return attach_record(record, booking_id=booking_id, wanted_id=wanted_id, actor=actor or record.patient.user)


def test_documents_are_wanted_with_their_reasons(coordinator):
    wanted = [{"type": "mri", "why": "The knee"}, {"type": "lab_report"}]
    booking = step(booking_in(S.ACCEPTED), S.AWAITING_MEDICAL_DETAILS, wanted=wanted, notes="Thank you")
    assert list(booking.wanted_documents.values_list("type", "why", "state")) == [
        ("mri", "The knee", "wanted"),
        ("lab_report", "", "wanted"),
    ]
    event = booking.events.last()
    assert (event.notes, event.data) == ("Thank you", {"wanted": ["mri", "lab_report"]})


def test_a_note_alone_is_one_document_of_another_kind(coordinator):
    booking = step(booking_in(S.ACCEPTED), S.AWAITING_MEDICAL_DETAILS, notes="How tall are you?")
    assert list(booking.wanted_documents.values_list("type", "why")) == [("other", "How tall are you?")]


def test_a_record_becomes_the_document_that_was_wanted(coordinator):
    booking = step(booking_in(S.ACCEPTED), S.AWAITING_MEDICAL_DETAILS, wanted=[{"type": "mri"}])
    wanted, record = booking.wanted_documents.get(), record_of(booking.patient)
    Notification.objects.all().delete()
    received = attach(record, wanted_id=wanted.pk)
    record.refresh_from_db()
    assert (received.state, received.record, record.booking) == ("received", record, booking)
    assert lock(booking.pk).waiting_on == "coordinator"
    event = booking.events.get(kind=EventKind.DOCUMENT)
    assert event.data == {"record_id": str(record.pk), "type": "mri"}
    assert {row.user for row in Notification.objects.filter(type="document_received")} == {coordinator}


def test_a_record_may_come_without_being_wanted(coordinator):
    booking = requested()
    record = record_of(booking.patient)
    assert attach(record, booking_id=booking.pk) is None
    assert booking.events.filter(kind=EventKind.DOCUMENT).exists()


def test_a_second_file_takes_the_firsts_place(coordinator):
    booking = step(booking_in(S.ACCEPTED), S.AWAITING_MEDICAL_DETAILS, wanted=[{"type": "mri"}])
    wanted = booking.wanted_documents.get()
    attach(record_of(booking.patient), wanted_id=wanted.pk)
    second = record_of(booking.patient)
    assert attach(second, booking_id=booking.pk, wanted_id=wanted.pk).record == second


@pytest.mark.parametrize("state", ["accepted", "not_needed"])
def test_what_is_settled_takes_no_more_files(state, coordinator):
    booking = step(booking_in(S.ACCEPTED), S.AWAITING_MEDICAL_DETAILS, wanted=[{"type": "mri"}])
    booking.wanted_documents.update(state=state)
    with pytest.raises(GuardFailed) as refusal:
        attach(record_of(booking.patient), wanted_id=booking.wanted_documents.get().pk)
    assert refusal.value.code == "not_wanted"


def test_records_bookings_and_wishes_belong_together(coordinator):
    """T19: every reference is the caller's and belongs to the others."""
    mine, theirs = requested(), requested()
    wanted = step(booking_in(S.ACCEPTED), S.AWAITING_MEDICAL_DETAILS, wanted=[{"type": "mri"}]).wanted_documents.get()
    record = record_of(mine.patient)
    for ids, field in (
        ({"booking_id": theirs.pk}, "booking_id"),
        ({"booking_id": uuid7()}, "booking_id"),
        ({"wanted_id": wanted.pk}, "wanted_id"),
        ({"wanted_id": uuid7()}, "wanted_id"),
        ({"booking_id": mine.pk, "wanted_id": wanted.pk}, "wanted_id"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            attach(record, **ids)
        assert list(refusal.value.errors) == [field]
    with pytest.raises(InvalidInput):
        attach(record, actor=make_patient().user, booking_id=mine.pk)
    with pytest.raises(InvalidInput):
        attach(record_of(theirs.patient), actor=coordinator, booking_id=mine.pk)
