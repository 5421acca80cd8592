"""What patients say afterwards; shown only once a person has checked it."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.bookings.models.booking import Booking
from apps.clinical.models import Patient
from apps.hospitals.models import Doctor, Hospital
from medivoy.core.audit import audited
from medivoy.core.models import Record


class ReviewQuerySet(models.QuerySet["Review"]):
    def published(self) -> Self:
        return self.filter(is_published=True)

    def visible_to(self, user: Any) -> Self:
        """Everyone sees the published ones, a patient their own too, staff all."""
        if user.is_authenticated and user.may("bookings.view_review"):
            return self
        if user.is_authenticated and user.has_role(Role.PATIENT):
            return self.filter(models.Q(is_published=True) | models.Q(patient__user=user))
        return self.published()

    def for_list(self) -> Self:
        return self.select_related("patient__user", "hospital", "doctor__user")

    for_detail = for_list


class Review(Record):
    """A patient's review of a completed booking, one each."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("patient"))
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="review", verbose_name=_("booking"))
    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("hospital"))
    doctor = models.ForeignKey(
        Doctor, on_delete=models.PROTECT, null=True, blank=True, related_name="reviews", verbose_name=_("doctor")
    )
    rating = models.PositiveSmallIntegerField(_("rating"))
    review_text = models.TextField(_("text"), blank=True)
    is_verified = models.BooleanField(_("checked"), default=False)
    is_published = models.BooleanField(_("published"), default=False)

    objects = ReviewQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "reviews"
        triggers = [*Record.Meta.triggers, audited("review")]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.CheckConstraint(condition=models.Q(rating__gte=1, rating__lte=5), name="review_rating_1_to_5"),
        ]

    def __str__(self) -> str:
        return f"{self.rating}/5"
