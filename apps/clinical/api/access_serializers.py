"""Who reads a patient's records: emergencies, and the log of readings."""

from typing import Any

from rest_framework import serializers

from apps.clinical.api.serializers import PersonRef
from apps.clinical.models import EmergencyAccess
from apps.clinical.services.access_log import DECLARED
from apps.clinical.services.emergency import LONGEST_REASON, SHORTEST_REASON
from apps.clinical.services.reads import DOWNLOAD, READ
from medivoy.api.fields import InstantField, PlainTextField
from medivoy.api.rows import RowOut


class EmergencyIn(serializers.Serializer[Any]):
    reason = PlainTextField(
        min_length=SHORTEST_REASON, max_length=LONGEST_REASON, help_text="The patient and the admins read it."
    )


class EmergencyOut(RowOut[EmergencyAccess]):
    """An hour in which the asker reads this patient's profile and records."""

    created_at = InstantField()
    ends_at = InstantField()

    class Meta:
        model = EmergencyAccess
        fields = ("id", "patient_id", "reason", "created_at", "ends_at")


class AccessOut(serializers.Serializer[Any]):
    """One reading of what is the patient's: by whom, of what, when, and in an emergency why."""

    id = serializers.IntegerField(source="entry.pk")
    happened_at = InstantField()
    action = serializers.ChoiceField(choices=[READ, DOWNLOAD, DECLARED], source="entry.action")
    entity_type = serializers.CharField(
        source="entry.entity_type", help_text="medical_record, patient, booking or emergency_access."
    )
    entity_id = serializers.CharField(source="entry.entity_id")
    reader = PersonRef(allow_null=True, help_text="Null where it was the platform itself.")
    is_emergency = serializers.BooleanField()
    emergency_reason = serializers.CharField(allow_null=True)
