"""What is sent of a booking: asked for, changed, moved, cancelled."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.accounts.models import User
from apps.bookings.api.briefs import ForReader
from apps.bookings.api.fields import ObjectField
from apps.bookings.models import BookingType
from apps.bookings.policies import writes_medical_details
from apps.bookings.states import BookingStatus, CancelReason, Outcome, Party
from apps.clinical.models import Patient
from apps.hospitals.models import Doctor, Hospital, Package, Treatment
from medivoy.api.fields import AmountField, DayField, InstantField, PlainTextField, ReferenceField

MOST_TRAVELLERS = 20


class WithMedicalDetails(ForReader):
    """Who does not read the medical details does not write them either: from them they are ignored."""

    medical_details = ObjectField(required=False)

    def hidden(self, user: Any) -> set[str]:
        return set() if writes_medical_details(user) else {"medical_details"}


class BookingIn(WithMedicalDetails):
    """A request. A patient books for themselves; the kind follows from what is named where it is left out."""

    patient_id = ReferenceField(Patient.objects, source="patient", required=False, allow_null=True)
    hospital_id = ReferenceField(Hospital.objects, source="hospital")
    booking_type = serializers.ChoiceField(choices=BookingType.choices, required=False)
    treatment_id = ReferenceField(Treatment.objects, source="treatment", required=False, allow_null=True)
    package_id = ReferenceField(Package.objects, source="package", required=False, allow_null=True)
    requested_date = DayField(required=False, allow_null=True)
    travellers = serializers.IntegerField(min_value=1, max_value=MOST_TRAVELLERS, required=False)
    notes = PlainTextField(max_length=5000, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        user = self.context["request"].user
        if attrs.get("patient") is None and not user.may("patient.create"):
            attrs["patient"] = Patient.objects.visible_to(user).first()
        if attrs.get("patient") is None:
            raise serializers.ValidationError({"patient_id": _("For whom?")})
        return attrs


class BookingByStaffIn(BookingIn):
    internal_notes = PlainTextField(max_length=5000, required=False, allow_blank=True)


class BookingPatch(WithMedicalDetails):
    """What a patient changes: the wish while nobody has answered it, details and notes until it is confirmed."""

    treatment_id = ReferenceField(Treatment.objects, source="treatment")
    package_id = ReferenceField(Package.objects, source="package")
    requested_date = DayField()
    travellers = serializers.IntegerField(min_value=1, max_value=MOST_TRAVELLERS)
    notes = PlainTextField(max_length=5000, allow_blank=True)


class BookingByStaffPatch(BookingPatch):
    """What staff change beside that; another day of admission comes with who asked for it, and why."""

    coordinator_id = ReferenceField(User.objects.coordinators().active(), source="coordinator")
    doctor_id = ReferenceField(Doctor.objects, source="doctor")
    internal_notes = PlainTextField(max_length=5000, allow_blank=True)
    follow_up_at = InstantField(allow_null=True)
    follow_up_note = PlainTextField(max_length=255, allow_blank=True)
    confirmed_date = DayField()
    asked_by = serializers.ChoiceField(choices=Party.choices)
    reason = PlainTextField()


class WantedIn(serializers.Serializer[Any]):
    """A document that is wanted of the patient."""

    type = PlainTextField(max_length=50)
    why = PlainTextField(required=False, allow_blank=True)


class StatusIn(serializers.Serializer[Any]):
    """A move: where to, what the asker saw, and what this move must be told."""

    status = serializers.ChoiceField(choices=BookingStatus.choices)
    expected_status = serializers.ChoiceField(choices=BookingStatus.choices, required=False)
    notes = PlainTextField(max_length=5000, required=False, allow_blank=True)
    internal_notes = PlainTextField(max_length=5000, required=False, allow_blank=True, help_text="C, A.")
    wanted = WantedIn(many=True, required=False, max_length=50, help_text="awaiting_medical_details; or `notes`.")
    reason = PlainTextField(required=False, allow_blank=True, help_text="rejected, on_hold, cancelled.")
    review_on = DayField(required=False, help_text="on_hold.")
    party = PlainTextField(max_length=20, required=False, help_text="cancelled.")
    expected_refund = AmountField(minimum=0, required=False, help_text="cancelled.")
    override_reason = PlainTextField(
        required=False, allow_blank=True, help_text="travel_arrangement (A), in_treatment (A, H)."
    )
    admitted_on = DayField(required=False, help_text="in_treatment; else today at the hospital.")
    discharged_on = DayField(required=False, help_text="completed; else today at the hospital.")
    outcome = serializers.ChoiceField(choices=Outcome.choices, required=False, help_text="completed; else treated.")
    version = serializers.IntegerField(min_value=1, max_value=32_767, required=False, help_text="confirmed by C.")
    channel = PlainTextField(max_length=50, required=False, help_text="confirmed by C.")
    proof = PlainTextField(max_length=5000, required=False, help_text="confirmed by C.")


class GroundsIn(serializers.Serializer[Any]):
    """Whose side the reason lies on, and the reason; what a role may leave out is filled in."""

    party = serializers.ChoiceField(choices=Party.choices, required=False)
    reason = serializers.ChoiceField(choices=CancelReason.choices, required=False)


class CancelIn(GroundsIn):
    """The grounds, and the refund that the asker saw in the preview."""

    expected_refund = AmountField(minimum=0, required=False)
