"""May this user do this on this booking?"""

import pytest

from apps.bookings import policies
from apps.bookings.models import Review
from apps.bookings.states import BookingStatus as S
from tests.factories.accounts import people
from tests.factories.bookings import booking_in, make_patient, requested
from tests.factories.hospitals import HospitalFactory

pytestmark = pytest.mark.django_db


def roles_where(predicate):
    return {role for role, user in people().items() if predicate(user)}


def test_who_reads_what():
    assert roles_where(policies.reads_staff_notes) == {"coordinator", "admin"}
    assert roles_where(policies.reads_money) == {"patient", "hospital_admin", "coordinator", "admin"}
    assert roles_where(policies.reads_terms) == {"hospital_admin", "coordinator", "admin"}


def test_a_deactivated_user_reads_nothing():
    for user in people().values():
        user.is_active = False
        assert not policies.reads_money(user)
        assert not policies.reads_staff_notes(user)


def test_who_writes_for_whom():
    written = {role: policies.visibilities_for(user) for role, user in people().items()}
    assert written == {
        "patient": (),
        "doctor": (),
        "translator": (),
        "hospital_admin": ("patient", "hospital"),
        "coordinator": ("patient", "hospital", "staff"),
        "admin": ("patient", "hospital", "staff"),
    }


def test_only_the_patient_answers_the_quotation(coordinator):
    booking = requested()
    assert policies.can_accept(booking.patient.user, booking)
    assert not policies.can_accept(make_patient().user, booking)
    assert not policies.can_accept(coordinator, booking)


def test_who_passes_which_gate(coordinator, admin):
    booking = requested()
    own, other = booking.hospital.admin_user, HospitalFactory().admin_user
    passes = {
        (user, to)
        for user in (coordinator, admin, own, other, booking.patient.user)
        for to in S.values
        if policies.can_override(user, booking, to)
    }
    assert passes == {(admin, S.TRAVEL_ARRANGEMENT), (admin, S.IN_TREATMENT), (own, S.IN_TREATMENT)}


def test_who_edits_a_review(coordinator, admin):
    review = Review.objects.get(booking=booking_in(S.FEEDBACK_RECEIVED))
    assert policies.can_edit_review(review.patient.user, review)
    assert policies.can_edit_review(admin, review)
    assert not policies.can_edit_review(coordinator, review)
    assert not policies.can_edit_review(make_patient().user, review)
