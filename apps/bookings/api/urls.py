"""Routes of bookings and reviews."""

from django.urls import path

from apps.bookings.api.case_viewsets import QuotationViewSet, TimelineViewSet, TravelViewSet
from apps.bookings.api.review_viewsets import DoctorReviewViewSet, ReviewViewSet
from apps.bookings.api.viewsets import BookingViewSet, PatientBookingViewSet

bookings, quotations, reviews = BookingViewSet.as_view, QuotationViewSet.as_view, ReviewViewSet.as_view
timeline = TimelineViewSet.as_view({"get": "timeline", "post": "add_to_timeline"})
travel = TravelViewSet.as_view({"get": "travel", "put": "update_travel"})
one_booking = bookings({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})
one_review = reviews({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})
preview = bookings({"get": "cancellation_preview"})
accept = quotations({"post": "accept_quotation"})
decline = quotations({"post": "decline_quotation"})

urlpatterns = [
    path("bookings", bookings({"get": "list", "post": "create"}), name="bookings"),
    path("bookings/<uuid:pk>", one_booking, name="booking"),
    path("bookings/<uuid:pk>/status", bookings({"patch": "status"}), name="booking-status"),
    path("bookings/<uuid:pk>/cancellation-preview", preview, name="booking-cancellation-preview"),
    path("bookings/<uuid:pk>/quotation", quotations({"post": "quotation"}), name="booking-quotation"),
    path("bookings/<uuid:pk>/quotation/accept", accept, name="booking-quotation-accept"),
    path("bookings/<uuid:pk>/quotation/decline", decline, name="booking-quotation-decline"),
    path("bookings/<uuid:pk>/quotation/pdf", quotations({"get": "quotation_pdf"}), name="booking-quotation-pdf"),
    path("bookings/<uuid:pk>/quotations", quotations({"get": "quotations"}), name="booking-quotations"),
    path("bookings/<uuid:pk>/timeline", timeline, name="booking-timeline"),
    path("bookings/<uuid:pk>/travel", travel, name="booking-travel"),
    path("patients/<uuid:pk>/bookings", PatientBookingViewSet.as_view({"get": "bookings"}), name="patient-bookings"),
    path("doctors/<uuid:pk>/reviews", DoctorReviewViewSet.as_view({"get": "reviews"}), name="doctor-reviews"),
    path("reviews", reviews({"get": "list", "post": "create"}), name="reviews"),
    path("reviews/<uuid:pk>", one_review, name="review"),
    path("reviews/<uuid:pk>/verify", reviews({"patch": "verify"}), name="review-verify"),
]
