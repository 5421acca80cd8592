"""Reviews: one for each completed booking, shown once a person has checked it; ratings follow at once (T22)."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.db.models import Avg, Count
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.models import Booking, Review
from apps.bookings.services.transition import lock, move
from apps.bookings.states import BookingStatus
from apps.hospitals.models import Doctor
from medivoy.core.errors import Conflict, GuardFailed, InvalidInput, Missing
from medivoy.core.text import plain

REVIEWABLE = (BookingStatus.COMPLETED, BookingStatus.FEEDBACK_RECEIVED)
HUNDREDTH = Decimal("0.01")


class AlreadyReviewed(Conflict):
    code = "already_reviewed"


@transaction.atomic
def give_review(booking: Booking, *, actor: User, rating: int, review_text: str = "") -> Review:
    """Keep what the patient says of a completed booking, unpublished, and move the case to feedback_received.

    Raises GuardFailed not_completed; AlreadyReviewed.
    """
    booking = lock(booking.pk)
    if booking.status not in REVIEWABLE:
        raise GuardFailed(_("A booking can be reviewed once it is completed."), code="not_completed")
    if Review.objects.filter(booking=booking).exists():
        raise AlreadyReviewed(_("This booking has been reviewed already."))
    review = Review.objects.create(
        patient=booking.patient,
        booking=booking,
        hospital=booking.hospital,
        doctor=booking.doctor,
        rating=rating,
        review_text=plain(review_text),
    )
    if booking.status == BookingStatus.COMPLETED:
        move(booking, BookingStatus.FEEDBACK_RECEIVED, actor=actor)
    return review


@transaction.atomic
def edit_review(review: Review, **changes: Any) -> Review:
    """Change the rating or the text; whatever was changed goes back to moderation. Nothing new writes nothing."""
    review = _lock(review)
    if "review_text" in changes:
        changes["review_text"] = plain(changes["review_text"])
    changed = {name: value for name, value in changes.items() if getattr(review, name) != value}
    if not changed:
        return review
    if not set(changed) <= {"rating", "review_text"}:
        raise InvalidInput({name: [_("This cannot be changed.")] for name in changed})
    for name, value in (changed | {"is_verified": False, "is_published": False}).items():
        setattr(review, name, value)
    review.save(update_fields=[*changed, "is_verified", "is_published"])
    _follow_rating(review)
    return review


@transaction.atomic
def remove_review(review: Review) -> None:
    """Take a review away; the case stays where it is."""
    review = _lock(review)
    review.delete()
    _follow_rating(review)


@transaction.atomic
def verify_review(review: Review) -> Review:
    """Publish a review that a person has checked; the doctor's rating counts it from this moment."""
    review = _lock(review)
    if review.is_verified and review.is_published:
        return review
    review.is_verified = review.is_published = True
    review.save(update_fields=["is_verified", "is_published"])
    _follow_rating(review)
    return review


def _lock(review: Review) -> Review:
    """Lock the row, then its doctor's: two reviews of one doctor at the same moment count one after the other."""
    locked = Review.objects.select_for_update(of=("self",)).filter(pk=review.pk).first()
    if locked is None:
        raise Missing
    if locked.doctor_id:
        Doctor.objects.select_for_update(no_key=True).get(pk=locked.doctor_id)
    return locked


def _follow_rating(review: Review) -> None:
    if not review.doctor_id:
        return
    published = Review.objects.published().filter(doctor=review.doctor_id)
    figures = published.aggregate(mean=Avg("rating"), count=Count("pk"))
    mean = Decimal(str(figures["mean"] or 0)).quantize(HUNDREDTH, ROUND_HALF_UP)
    Doctor.objects.filter(pk=review.doctor_id).update(rating=mean, total_reviews=figures["count"])
