"""The timeline as it goes out, and what is added to it by hand."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.bookings.api.briefs import ActorBrief, ForReader
from apps.bookings.api.fields import ObjectField
from apps.bookings.models import BookingEvent, EventKind, Visibility
from apps.bookings.policies import reads_staff_notes
from medivoy.api.fields import InstantField, PlainTextField

BY_HAND = [(EventKind.NOTE.value, EventKind.NOTE.label), (EventKind.CALL.value, EventKind.CALL.label)]


class EndField(serializers.CharField):
    """Where it began or ended: a state of the booking, or the day of an event about a date."""

    def get_attribute(self, instance: BookingEvent) -> str | None:
        end = self.field_name or ""
        day = instance.data.get(end) if instance.kind == EventKind.DATE else None
        return super().get_attribute(instance) or day


class EventOut(ForReader, serializers.ModelSerializer[BookingEvent]):
    """One event: what, who (null: the system), when, from where to where."""

    who = ActorBrief(source="actor", allow_null=True)
    when = InstantField(source="created_at")
    internal_notes = serializers.CharField(required=False)
    data = ObjectField()

    class Meta:
        model = BookingEvent
        fields = ("id", "kind", "visibility", "who", "when", "reason", "notes", "internal_notes", "data")

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's, so both ends are added here."""
        ends = {
            "from": EndField(source="from_status", allow_null=True),
            "to": EndField(source="to_status", allow_null=True),
        }
        return super().get_fields() | ends

    def hidden(self, user: Any) -> set[str]:
        return set() if reads_staff_notes(user) else {"internal_notes"}


class EventIn(serializers.Serializer[Any]):
    """A note, or a call with whether it was answered; by default as few read it as the writer can choose."""

    kind = serializers.ChoiceField(choices=BY_HAND, default=EventKind.NOTE.value)
    notes = PlainTextField(max_length=5000, required=False, allow_blank=True)
    internal_notes = PlainTextField(max_length=5000, required=False, allow_blank=True, help_text="C, A.")
    visibility = serializers.ChoiceField(choices=Visibility.choices, required=False)
    answered = serializers.BooleanField(required=False, help_text="call.")
    follow_up_at = InstantField(required=False, help_text="call; C, A.")
    follow_up_note = PlainTextField(max_length=255, required=False, allow_blank=True, help_text="call; C, A.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["kind"] == EventKind.CALL and "answered" not in attrs:
            raise serializers.ValidationError({"answered": _("Did they answer?")})
        return attrs
