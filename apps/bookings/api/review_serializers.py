"""Reviews as they come in and go out."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.bookings.api.briefs import DoctorBrief, HospitalBrief
from apps.bookings.models import Booking, Review
from apps.hospitals.models import Doctor, Hospital
from medivoy.api.fields import InstantField, PlainTextField, ReferenceField

LONGEST_REVIEW = 5000


class ReviewOut(serializers.ModelSerializer[Review]):
    """A review. Who wrote it and on which booking is shown to them and to staff; the public reads a first name."""

    author = serializers.SerializerMethodField()
    patient_id = serializers.SerializerMethodField()
    booking_id = serializers.SerializerMethodField()
    hospital = HospitalBrief()
    doctor = DoctorBrief(allow_null=True)
    created_at = InstantField()
    updated_at = InstantField()

    class Meta:
        model = Review
        fields = (
            "id",
            "author",
            "patient_id",
            "booking_id",
            "hospital_id",
            "hospital",
            "doctor_id",
            "doctor",
            "rating",
            "review_text",
            "is_verified",
            "is_published",
            "created_at",
            "updated_at",
        )

    def get_author(self, review: Review) -> str:
        return str(review.patient.user.first_name)

    def get_patient_id(self, review: Review) -> str | None:
        return str(review.patient_id) if self._is_theirs(review) else None

    def get_booking_id(self, review: Review) -> str | None:
        return str(review.booking_id) if self._is_theirs(review) else None

    def _is_theirs(self, review: Review) -> bool:
        user = self.context["request"].user
        if not user.is_authenticated:
            return False
        return user.may("bookings.view_review") or review.patient.user_id == user.pk


class ReviewPatch(serializers.Serializer[Any]):
    rating = serializers.IntegerField(min_value=1, max_value=5)
    review_text = PlainTextField(max_length=LONGEST_REVIEW, required=False, allow_blank=True)


class ReviewIn(ReviewPatch):
    """A review of a completed booking; doctor and hospital are the booking's, and checked where they are named."""

    booking_id = ReferenceField(Booking.objects, source="booking")
    doctor_id = ReferenceField(Doctor.objects, source="doctor", required=False, allow_null=True)
    hospital_id = ReferenceField(Hospital.objects, source="hospital", required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("doctor", "hospital"):
            named = attrs.pop(name, None)
            if named is not None and named.pk != getattr(attrs["booking"], f"{name}_id"):
                raise serializers.ValidationError({f"{name}_id": _("This is not the booking's.")})
        return attrs
