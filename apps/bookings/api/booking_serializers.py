"""Bookings as they go out: a row of a list, and the whole case."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.bookings.api import briefs
from apps.bookings.api.fields import ObjectField
from apps.bookings.api.quotation_serializers import QuotationOut
from apps.bookings.api.travel_serializers import TravelOut
from apps.bookings.guards import newest_sent
from apps.bookings.models import Booking, Milestone, WantedDocument
from apps.bookings.moves import allowed_transitions
from apps.bookings.policies import reads_medical_details, reads_money, reads_staff_notes, reads_terms
from apps.bookings.services.money import amount_due
from apps.bookings.services.travel import travel_of
from apps.bookings.states import BookingStatus
from medivoy.api.fields import AmountField, DayField, InstantField
from medivoy.core.money import format_amount

MONEY = {
    "total_amount",
    "payment_status",
    "amount_paid",
    "amount_refunded",
    "amount_adjusted",
    "amount_kept",
    "balance",
    "amount_due",
    "milestones",
    "quotation_details",
    "cancel_proof_wanted",
    "invoiced_at",
}
FOR_STAFF = {"internal_notes", "follow_up_at", "follow_up_note"}
FOR_STAFF_AND_HOSPITAL = {"commission_percent", "override_reason"}
CLINICAL = {"medical_details"}


class BookingRow(briefs.ForReader, serializers.ModelSerializer[Booking]):
    """A booking in a list. Amounts are not for doctors, follow-ups for staff alone."""

    may_be_absent = MONEY | FOR_STAFF | FOR_STAFF_AND_HOSPITAL | CLINICAL

    patient = briefs.PatientBrief()
    hospital = briefs.HospitalBrief()
    treatment = briefs.TreatmentBrief(allow_null=True)
    package = briefs.PackageBrief(allow_null=True)
    doctor = briefs.DoctorBrief(allow_null=True)
    coordinator = briefs.PersonBrief(allow_null=True)
    status_since = InstantField()
    requested_date = DayField(allow_null=True)
    confirmed_date = DayField(allow_null=True)
    admitted_on = DayField(allow_null=True)
    discharged_on = DayField(allow_null=True)
    total_amount = AmountField(allow_null=True, required=False)
    payment_status = serializers.CharField(required=False)
    balance = AmountField(required=False)
    waiting_since = InstantField(allow_null=True)
    due_at = InstantField(allow_null=True)
    follow_up_at = InstantField(allow_null=True, required=False)
    follow_up_note = serializers.CharField(required=False)
    created_at = InstantField()
    updated_at = InstantField()

    class Meta:
        model = Booking
        fields: tuple[str, ...] = (
            "id",
            "booking_number",
            "patient_id",
            "patient",
            "hospital_id",
            "hospital",
            "treatment_id",
            "treatment",
            "package_id",
            "package",
            "doctor_id",
            "doctor",
            "coordinator_id",
            "coordinator",
            "booking_type",
            "status",
            "status_since",
            "held_from",
            "requested_date",
            "confirmed_date",
            "admitted_on",
            "discharged_on",
            "outcome",
            "total_amount",
            "currency",
            "payment_status",
            "balance",
            "waiting_on",
            "waiting_since",
            "due_at",
            "follow_up_at",
            "follow_up_note",
            "created_at",
            "updated_at",
        )

    def hidden(self, user: Any) -> set[str]:
        hidden = set() if reads_money(user) else set(MONEY)
        if not reads_staff_notes(user):
            hidden |= FOR_STAFF
        if not reads_terms(user):
            hidden |= FOR_STAFF_AND_HOSPITAL
        return hidden


class MilestoneOut(serializers.ModelSerializer[Milestone]):
    """What is due when, and for which move it is needed."""

    name = serializers.CharField(source="label")
    amount = serializers.SerializerMethodField()
    due_date = DayField()

    class Meta:
        model = Milestone
        fields = ("id", "name", "amount", "due_date", "needed_for", "state")

    def get_amount(self, milestone: Milestone) -> str:
        return format_amount(milestone.amount, self.context["currency"])


class WantedOut(serializers.ModelSerializer[WantedDocument]):
    """A document that the case waits for, or has; why it is wanted is for those who read the medical details."""

    may_be_absent = {"why"}

    received_at = InstantField(allow_null=True)

    class Meta:
        model = WantedDocument
        fields = ("id", "type", "why", "state", "received_at")


class TransitionOut(serializers.Serializer[Any]):
    """A move that the asker's role has from here; a blocked one says by what."""

    status = serializers.ChoiceField(choices=BookingStatus.choices)
    label = serializers.CharField()
    allowed = serializers.BooleanField()
    code = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)


class BookingOut(BookingRow):
    """A booking with all that belongs to it, as far as the asker reads it."""

    medical_details = ObjectField(required=False)
    quotation_details = serializers.SerializerMethodField()
    travel_details = serializers.SerializerMethodField()
    internal_notes = serializers.CharField(required=False)
    commission_percent = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True, required=False)
    override_reason = serializers.CharField(required=False)
    amount_paid = AmountField(required=False)
    amount_refunded = AmountField(required=False)
    amount_adjusted = AmountField(required=False)
    amount_kept = AmountField(allow_null=True, required=False)
    amount_due = serializers.SerializerMethodField()
    milestones = serializers.SerializerMethodField()
    wanted_documents = WantedOut(many=True)
    allowed_transitions = serializers.SerializerMethodField()
    review_on = DayField(allow_null=True)
    cancel_proof_wanted = serializers.BooleanField(required=False)
    invoiced_at = InstantField(allow_null=True, required=False)
    closed_at = InstantField(allow_null=True)

    class Meta(BookingRow.Meta):
        fields = (
            *BookingRow.Meta.fields,
            "version",
            "travellers",
            "medical_details",
            "notes",
            "internal_notes",
            "quotation_details",
            "travel_details",
            "commission_percent",
            "amount_paid",
            "amount_refunded",
            "amount_adjusted",
            "amount_kept",
            "amount_due",
            "milestones",
            "wanted_documents",
            "allowed_transitions",
            "hold_reason",
            "review_on",
            "cancel_party",
            "cancel_reason",
            "cancel_proof_wanted",
            "override_reason",
            "invoiced_at",
            "closed_at",
        )

    def to_representation(self, booking: Booking) -> dict[str, Any]:
        """The medical details hang on a consent for this very case, so no list of fields can know."""
        shown: dict[str, Any] = super().to_representation(booking)
        if not reads_medical_details(self.context["request"].user, booking):
            shown = {name: value for name, value in shown.items() if name not in CLINICAL}
            for wanted in shown["wanted_documents"]:
                del wanted["why"]
        return shown

    @extend_schema_field(QuotationOut(allow_null=True))
    def get_quotation_details(self, booking: Booking) -> Any:
        """The newest version that was ever sent, never a draft."""
        newest = newest_sent(booking)
        if newest is None:
            return None
        newest.booking = booking
        return QuotationOut(newest, context=self.context).data

    @extend_schema_field(TravelOut)
    def get_travel_details(self, booking: Booking) -> Any:
        return TravelOut(travel_of(booking)).data

    def get_amount_due(self, booking: Booking) -> str:
        return format_amount(amount_due(booking, list(booking.milestones.all())), booking.currency)

    @extend_schema_field(MilestoneOut(many=True))
    def get_milestones(self, booking: Booking) -> Any:
        return MilestoneOut(booking.milestones.all(), many=True, context={"currency": booking.currency}).data

    @extend_schema_field(TransitionOut(many=True))
    def get_allowed_transitions(self, booking: Booking) -> Any:
        return allowed_transitions(booking, self.context["request"].user)
