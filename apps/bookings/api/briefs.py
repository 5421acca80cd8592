"""What stands beside a booking, so that nobody needs a second call to show it."""

from typing import Any

from rest_framework import serializers

from apps.accounts.models import User
from apps.clinical.models import Patient
from apps.hospitals.models import Doctor, Hospital, Package, Treatment
from medivoy.api.fields import CountryField


class PatientBrief(serializers.ModelSerializer[Patient]):
    name = serializers.CharField(source="user.get_full_name")
    country = CountryField()

    class Meta:
        model = Patient
        fields = ("id", "name", "country")


class HospitalBrief(serializers.ModelSerializer[Hospital]):
    class Meta:
        model = Hospital
        fields = ("id", "name", "city")


class TreatmentBrief(serializers.ModelSerializer[Treatment]):
    class Meta:
        model = Treatment
        fields = ("id", "name")


class PackageBrief(serializers.ModelSerializer[Package]):
    class Meta:
        model = Package
        fields = ("id", "name")


class DoctorBrief(serializers.ModelSerializer[Doctor]):
    name = serializers.CharField(source="user.get_full_name")

    class Meta:
        model = Doctor
        fields = ("id", "name", "specialty")


class PersonBrief(serializers.ModelSerializer[User]):
    name = serializers.CharField(source="get_full_name")

    class Meta:
        model = User
        fields = ("id", "name")


class ActorBrief(PersonBrief):
    """Who did it, and as what."""

    role = serializers.CharField(source="user_type")

    class Meta(PersonBrief.Meta):
        fields = ("id", "name", "role")  # type: ignore[assignment]


class ForReader(serializers.Serializer[Any]):
    """Leaves out what the asker does not read: `hidden(user)` names it. The schema shows everything."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        user = getattr(self.context.get("request"), "user", None)
        if user is None or not user.is_authenticated:
            return fields
        hidden = self.hidden(user)
        return {name: field for name, field in fields.items() if name not in hidden}

    def hidden(self, user: Any) -> set[str]:
        raise AssertionError("each reader's serializer says what it hides")
