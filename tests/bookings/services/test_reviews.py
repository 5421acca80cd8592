"""Reviews: after a completed booking, once, moderated; ratings follow at once (T22)."""

from copy import copy
from decimal import Decimal

import pytest

from apps.bookings.models import Review
from apps.bookings.services.reviews import AlreadyReviewed, edit_review, give_review, remove_review, verify_review
from apps.bookings.services.transition import lock
from apps.bookings.states import BookingStatus as S
from medivoy.core.errors import GuardFailed, InvalidInput, Missing
from tests.factories.bookings import booking_in, draft, pay, requested, step
from tests.factories.hospitals import DoctorFactory, HospitalDoctorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(db):
    return DoctorFactory()


def completed(doctor=None):
    """A completed booking, of this doctor where one is named."""
    booking = requested()
    if doctor is not None:
        HospitalDoctorFactory(hospital=booking.hospital, doctor=doctor)
    for to in (S.UNDER_REVIEW, S.ACCEPTED):
        booking = step(booking, to)
    draft(booking, doctor=doctor)
    booking = step(booking, S.QUOTATION_SENT)
    booking = pay(step(booking, S.CONFIRMED, channel="phone", proof="Call"))
    for to in (S.TRAVEL_ARRANGEMENT, S.IN_TREATMENT, S.COMPLETED):
        booking = step(booking, to)
    return booking


def review_of(booking, rating=5, text="Kind people"):
    return give_review(booking, actor=booking.patient.user, rating=rating, review_text=text)


def rating_of(doctor):
    doctor.refresh_from_db()
    return doctor.rating, doctor.total_reviews


def test_a_review_moves_the_case_on_and_waits_for_moderation(coordinator, doctor):
    booking = completed(doctor)
    review = review_of(booking)
    assert (review.doctor, review.hospital, review.is_published) == (doctor, booking.hospital, False)
    booking = lock(booking.pk)
    assert booking.status == S.FEEDBACK_RECEIVED
    assert booking.events.last().actor == booking.patient.user
    assert rating_of(doctor) == (0, 0)


@pytest.mark.parametrize("status", [S.REQUESTED, S.IN_TREATMENT, S.CANCELLED])
def test_only_what_is_completed_is_reviewed(status, coordinator):
    with pytest.raises(GuardFailed) as refusal:
        review_of(booking_in(status))
    assert refusal.value.code == "not_completed"
    assert not Review.objects.exists()


def test_one_each(coordinator):
    booking = booking_in(S.FEEDBACK_RECEIVED)
    with pytest.raises(AlreadyReviewed):
        review_of(booking)


def test_ratings_count_what_is_published_and_follow_at_once(coordinator, doctor):
    first, second = review_of(completed(doctor), 5), review_of(completed(doctor), 4)
    verify_review(first)
    assert rating_of(doctor) == (Decimal("5.00"), 1)
    second = verify_review(second)
    assert rating_of(doctor) == (Decimal("4.50"), 2)
    assert verify_review(second).is_published
    edit_review(second, rating=1)
    second.refresh_from_db()
    assert (second.is_verified, second.is_published, rating_of(doctor)) == (False, False, (Decimal("5.00"), 1))
    verify_review(second)
    assert rating_of(doctor) == (Decimal("3.00"), 2)
    remove_review(first)
    assert rating_of(doctor) == (Decimal("1.00"), 1)


def test_the_same_words_again_stay_published(coordinator):
    review = verify_review(review_of(booking_in(S.COMPLETED)))
    assert edit_review(review, rating=5, review_text="Kind people").is_published


def test_nothing_else_is_edited(coordinator):
    with pytest.raises(InvalidInput):
        edit_review(review_of(booking_in(S.COMPLETED)), is_published=True)


def test_a_review_without_a_doctor_counts_for_nobody(coordinator):
    assert verify_review(review_of(booking_in(S.COMPLETED))).is_published


def test_what_was_taken_away_is_missing(coordinator):
    review = review_of(booking_in(S.COMPLETED))
    gone = copy(review)
    remove_review(review)
    with pytest.raises(Missing):
        verify_review(gone)


def test_after_a_review_was_taken_away_another_may_come(coordinator):
    booking = booking_in(S.COMPLETED)
    remove_review(review_of(booking))
    assert review_of(booking, 3).rating == 3
    assert lock(booking.pk).status == S.FEEDBACK_RECEIVED


def test_t53_markup_is_not_stored(coordinator):
    """T53: the public reads it."""
    review = review_of(completed(), text="<b>Kind</b> people<script>alert(1)</script>, 5 < 6")
    assert review.review_text == "Kind people, 5 < 6"
    assert edit_review(review, review_text="<img src=x onerror=alert(1)>Clean").review_text == "Clean"
