"""What belongs to one booking: its quotations, its timeline, its journey."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.functional import cached_property
from rest_framework.request import Request
from rest_framework.response import Response

from apps.billing.services.acceptance import accept_quotation
from apps.bookings.api.booking_serializers import BookingOut
from apps.bookings.api.place import place_of
from apps.bookings.api.quotation_serializers import AnswerIn, DeclineIn, QuotationIn, QuotationOut
from apps.bookings.api.timeline_serializers import EventIn, EventOut
from apps.bookings.api.travel_serializers import TravelIn, TravelOut
from apps.bookings.documents import quotation_pdf
from apps.bookings.models import Booking, BookingEvent, EventKind, Quotation
from apps.bookings.policies import can_accept
from apps.bookings.services.notes import add_note, log_call
from apps.bookings.services.quotation import draft_quotation
from apps.bookings.services.quotation_answers import decline_quotation
from apps.bookings.services.travel import travel_of, write_travel
from apps.bookings.states import QUOTATION
from medivoy.api.envelope import created, ok
from medivoy.api.paper import paper_language, pdf_answer
from medivoy.api.schema.answers import File
from medivoy.api.viewsets import BaseViewSet
from medivoy.core.errors import Missing


class OfBookingViewSet(BaseViewSet):
    """What belongs to the booking of the address."""

    entity = "booking"
    within = Booking

    @cached_property
    def booking(self) -> Booking:
        """The booking, with all that its answers need; 404 where it is not theirs to see, 403 by policy."""
        return self.row_above(Booking.objects.for_detail())

    def whole_case(self) -> dict[str, Any]:
        """Return the booking as it now is, as the asker sees it."""
        fresh = Booking.objects.visible_to(self.request.user).for_detail().get(pk=self.booking.pk)
        return BookingOut(fresh, context=self.get_serializer_context()).data


class QuotationViewSet(OfBookingViewSet):
    model = Quotation
    serializer_class = QuotationOut
    serializers = {"quotation": QuotationIn, "accept_quotation": AnswerIn, "decline_quotation": DeclineIn}
    queries = {"quotation_pdf": AnswerIn}
    answers = {
        "accept_quotation": BookingOut,
        "decline_quotation": BookingOut,
        "quotation_pdf": File("application/pdf"),
    }
    policies = {"accept_quotation": can_accept, "decline_quotation": can_accept}
    moves = dict.fromkeys(("accept_quotation", "decline_quotation"), QUOTATION)
    list_actions = ("quotations",)
    ordering = ("-version_number",)
    idempotent = ("quotation",)
    verified_email = ("quotation", "accept_quotation", "decline_quotation")
    statuses = {"quotation": (201,)}
    refusals = {
        "quotation": {409: ["too_late"]},
        "accept_quotation": {409: ["quotation_superseded", "quotation_expired", "illegal_transition"]},
        "decline_quotation": {409: ["quotation_superseded", "quotation_expired"]},
    }

    def get_queryset(self) -> QuerySet[Quotation]:
        return super().get_queryset().filter(booking=self.booking)

    def quotation(self, request: Request, pk: str) -> Response:
        """Draft a new version of the quotation. It moves nothing: the move to quotation_sent sends the newest draft.

        Totals are computed here. Any currency; payments are then made in it.
        """
        booking = self.booking
        said = self.input_serializer()
        said.is_valid(raise_exception=True)
        quotation = draft_quotation(booking, actor=request.user, offer=said.offer(), id=request.resource_id)
        return created(self.reread(quotation))

    def quotations(self, request: Request, pk: str) -> Response:
        """Every version, newest first; a patient sees those that were sent."""
        return self.page_of(self.get_queryset())

    def accept_quotation(self, request: Request, pk: str) -> Response:
        """Accept the current version: what it says is agreed, and the payments for it begin.

        The version already accepted is answered with the booking as it is.
        """
        booking = self.booking
        accept_quotation(booking, actor=request.user, **self.payload(), **place_of(request))
        return ok(self.whole_case())

    def decline_quotation(self, request: Request, pk: str) -> Response:
        """Decline the current version, with a reason. The booking stays where it is; the coordinator is told."""
        booking = self.booking
        decline_quotation(booking, actor=request.user, **self.payload())
        return ok(self.whole_case())

    def quotation_pdf(self, request: Request, pk: str) -> HttpResponse:
        """The quotation as a PDF in the patient's language: the newest version sent, or the one asked for.

        Drafts are for those who write them, and say so; without a version they come only where none was sent yet.
        """
        versions = self.get_queryset().filter(booking=self.booking)
        version = self.query().get("version")
        found = versions.filter(version_number=version).first() if version else newest_of(versions)
        if found is None:
            raise Missing
        language = paper_language(request, self.booking.patient.user)
        return pdf_answer(quotation_pdf(found, language), found.quotation_number, language)


def newest_of(versions: QuerySet[Quotation]) -> Quotation | None:
    """Return the newest version that was sent, else the newest draft."""
    newest_first = versions.order_by("-version_number")
    return newest_first.ever_sent().first() or newest_first.first()  # type: ignore[attr-defined]


class TimelineViewSet(OfBookingViewSet):
    model = BookingEvent
    serializer_class = EventOut
    serializers = {"add_to_timeline": EventIn}
    list_actions = ("timeline",)
    ordering = ("created_at",)
    ordering_fields = ("created_at",)
    verified_email = ("add_to_timeline",)
    statuses = {"add_to_timeline": (201,)}

    def get_queryset(self) -> QuerySet[BookingEvent]:
        return super().get_queryset().filter(booking=self.booking)

    def timeline(self, request: Request, pk: str) -> Response:
        """All that happened, in its order, as far as the asker reads it. Nothing here is ever changed."""
        return self.page_of(self.get_queryset())

    def add_to_timeline(self, request: Request, pk: str) -> Response:
        """Add a note, or a call with whether it was answered and when to follow it up."""
        booking = self.booking
        said = self.payload()
        if said.pop("kind") == EventKind.CALL:
            event = log_call(booking, actor=request.user, **said)
        else:
            texts = {name: said[name] for name in ("notes", "internal_notes", "visibility") if name in said}
            event = add_note(booking, actor=request.user, **texts)
        return created(self.reread(event))


class TravelViewSet(OfBookingViewSet):
    model = Booking
    serializer_class = TravelOut
    serializers = {"update_travel": TravelIn}
    verified_email = ("update_travel",)
    refusals = {"update_travel": {409: ["not_confirmed"]}}

    def travel(self, request: Request, pk: str) -> Response:
        """Visa, flights, transfers, accommodation, and how each of them stands."""
        return ok(self.represent(travel_of(self.booking)))

    def update_travel(self, request: Request, pk: str) -> Response:
        """Write details and states of the journey; what is left out stays as it is."""
        booking = self.booking
        return ok(self.represent(write_travel(booking, actor=request.user, plan=self.payload())))
