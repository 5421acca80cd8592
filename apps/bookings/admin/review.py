"""Reviews: checked and published here; ratings follow."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.bookings.models import Review
from apps.bookings.services.reviews import verify_review
from medivoy.admin import ModelAdmin, ReadOnly, button


@admin.register(Review)
class ReviewAdmin(ReadOnly, ModelAdmin):
    list_display = ["hospital", "doctor", "rating", "is_verified", "is_published", "created_at"]
    list_filter = ["is_verified", "is_published", "rating", "hospital"]
    list_select_related = ["hospital", "doctor__user"]
    search_fields = ["booking__booking_number", "review_text"]
    actions_detail = ["verify"]

    def has_verify_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.may("review.verify")

    @button(
        label=_("Verify and publish"),
        permission="verify",
        text=_("The review is shown to everyone, and the doctor's rating follows."),
        done=_("The review is published."),
    )
    def verify(self, request: HttpRequest, form: Any, object_id: str) -> None:
        verify_review(Review.objects.visible_to(request.user).get(pk=object_id))
