"""Reviews over REST."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.bookings.api.filters import ReviewFilters
from apps.bookings.api.review_serializers import ReviewIn, ReviewOut, ReviewPatch
from apps.bookings.models import Review
from apps.bookings.policies import can_edit_review
from apps.bookings.services.reviews import edit_review, give_review, remove_review, verify_review
from apps.hospitals.models import Doctor
from medivoy.api.envelope import created, ok
from medivoy.api.viewsets import BaseViewSet, ListMixin, RetrieveMixin


class ReviewList(BaseViewSet):
    """What every list of reviews has in common."""

    catalogue = True
    model = Review
    serializer_class = ReviewOut
    filterset_class = ReviewFilters
    ordering_fields = ("created_at", "rating")
    ordering = ("-created_at",)


class ReviewViewSet(ListMixin, RetrieveMixin, ReviewList):
    entity = "review"
    serializers = {"create": ReviewIn, "partial_update": ReviewPatch}
    policies = {"partial_update": can_edit_review, "destroy": can_edit_review}
    refusals = {"create": {409: ["not_completed", "already_reviewed"]}}

    def create(self, request: Request) -> Response:
        """Review a completed booking of one's own, once. It is shown when a person has checked it."""
        said = self.payload()
        review = give_review(said.pop("booking"), actor=request.user, **said)
        return created(self.reread(review))

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a review; it goes back to moderation."""
        review = self.get_object()
        return ok(self.reread(edit_review(review, **self.payload(review))))

    def destroy(self, request: Request, pk: str) -> Response:
        """Take a review away."""
        remove_review(self.get_object())
        return ok()

    def verify(self, request: Request, pk: str) -> Response:
        """Publish a review that one has checked; the doctor's rating follows at once."""
        return ok(self.reread(verify_review(self.get_object())))


class DoctorReviewViewSet(ReviewList):
    entity = "doctor"
    within = Doctor
    list_actions = ("reviews",)

    def reviews(self, request: Request, pk: str) -> Response:
        """The published reviews of a doctor."""
        return self.page_of(self.get_queryset().published().filter(doctor=self.row_above()))
