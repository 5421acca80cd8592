"""Bookings over REST: asked for, read, changed, moved, cancelled."""

from dataclasses import replace
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.billing.services.cancellation import cancel_booking, preview
from apps.billing.services.journey import move_booking
from apps.bookings.api import booking_inputs as inputs
from apps.bookings.api.booking_serializers import BookingOut, BookingRow
from apps.bookings.api.cancellation_serializers import CancelledOut, TermsOut
from apps.bookings.api.filters import BookingFilters
from apps.bookings.api.place import place_of
from apps.bookings.models import Booking
from apps.bookings.policies import reads_staff_notes
from apps.bookings.services.booking import Wish, request_booking
from apps.bookings.services.changes import update_booking
from apps.bookings.services.reads import note_details
from apps.bookings.states import BOOKING, BookingStatus
from apps.clinical.models import Patient
from medivoy.api.envelope import created, ok
from medivoy.api.viewsets import BaseViewSet, ListMixin, RetrieveMixin

GUARDS = (
    "illegal_transition",
    "stale_status",
    "nothing_to_send",
    "quotation_expired",
    "quotation_superseded",
    "balance_needed",
    "invoice_needed",
    "review_needed",
    "refund_changed",
)


class BookingList(BaseViewSet):
    """What every list of bookings has in common."""

    model = Booking
    serializer_class = BookingOut
    filterset_class = BookingFilters
    ordering_fields = (
        "created_at",
        "updated_at",
        "booking_number",
        "status",
        "requested_date",
        "confirmed_date",
        "waiting_since",
        "due_at",
    )
    ordering = ("-created_at",)
    search_fields = ("booking_number",)


class BookingViewSet(ListMixin, RetrieveMixin, BookingList):
    entity = "booking"
    moves = dict.fromkeys(("status", "destroy"), BOOKING)
    serializers = {
        "create": inputs.BookingIn,
        "partial_update": inputs.BookingByStaffPatch,
        "status": inputs.StatusIn,
        "destroy": inputs.CancelIn,
    }
    queries = {"destroy": inputs.CancelIn, "cancellation_preview": inputs.GroundsIn}
    answers = {"list": BookingRow, "destroy": CancelledOut, "cancellation_preview": TermsOut}
    idempotent = ("create",)
    verified_email = ("create", "partial_update", "destroy", "status")
    refusals = {
        "partial_update": {409: ["too_late", "not_confirmed"]},
        "destroy": {409: ["illegal_transition", "refund_changed"]},
        "status": {409: GUARDS},
        "cancellation_preview": {409: ["illegal_transition"]},
    }

    def input_serializer(self, instance: Any = None) -> Any:
        """Staff send more than patients do; what others send beyond is ignored. A move is never a part of one."""
        is_staff = reads_staff_notes(self.request.user)
        by_role = {
            "create": inputs.BookingByStaffIn if is_staff else inputs.BookingIn,
            "partial_update": inputs.BookingByStaffPatch if is_staff else inputs.BookingPatch,
            "status": inputs.StatusIn,
        }
        return by_role[self.action](
            data=self.request.data, partial=self.action == "partial_update", context=self.get_serializer_context()
        )

    def represent(self, row: Any, many: bool = False) -> Any:
        """Whoever is shown the medical details is in the audit trail before the answer leaves; a list has none."""
        shown = getattr(row, "booking", row)
        if isinstance(shown, Booking):
            note_details(shown, reader=self.request.user)
        return super().represent(row, many)

    def create(self, request: Request) -> Response:
        """Ask for a treatment, a package or an opinion at a hospital.

        A patient books for themselves. The case gets its number and, by the rule, its coordinator.
        """
        booking = request_booking(Wish(**self.payload()), actor=request.user, id=request.resource_id)
        return created(self.reread(booking))

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what may still be changed.

        A patient: treatment, package and wished date until the hospital has answered, details and notes until the
        booking is confirmed. Staff also coordinator, doctor and follow-up, and after the confirmation the day of
        admission with `asked_by` and `reason`. Too late is 409 `too_late`.
        """
        booking = self.get_object()
        return ok(self.reread(update_booking(booking, actor=request.user, **self.payload())))

    def destroy(self, request: Request, pk: str) -> Response:
        """Cancel a booking; the answer has the refund that follows.

        `party`, `reason` and `expected_refund` as query or JSON. A patient is party patient (changed_mind where no
        reason is given), a hospital party hospital; staff say both.
        """
        booking = self.get_object()
        said = inputs.CancelIn(data=request.query_params.dict() | dict(request.data))
        said.is_valid(raise_exception=True)
        cancelled = cancel_booking(booking, actor=request.user, **said.validated_data)
        return ok(self.represent(replace(cancelled, booking=self.get_queryset().get(pk=booking.pk))))

    def status(self, request: Request, pk: str) -> Response:
        """Move a booking, with what the move must be told.

        The present state again writes nothing. A patient confirms by accepting the quotation, not here.
        """
        booking = self.get_object()
        said = self.payload()
        if not reads_staff_notes(request.user):
            said.pop("internal_notes", None)
        if said["status"] == BookingStatus.CONFIRMED:
            said |= place_of(request)
        move_booking(booking, to=said.pop("status"), actor=request.user, **said)
        return ok(self.reread(booking))

    def cancellation_preview(self, request: Request, pk: str) -> Response:
        """What cancelling now would bring: the policy's rules and which applies, what is kept, what goes back."""
        return ok(self.represent(preview(self.get_object(), actor=request.user, **self.query())))


class PatientBookingViewSet(BookingList):
    """The bookings of one patient."""

    entity = "patient"
    answers = {"bookings": BookingRow}
    within = Patient
    list_actions = ("bookings",)

    def bookings(self, request: Request, pk: str) -> Response:
        """The bookings of a patient, as far as the asker sees them."""
        return self.page_of(self.get_queryset().filter(patient=self.row_above()))
