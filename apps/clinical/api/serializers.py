"""Patients and their records, as they go out and as they come in. No answer has the address of a file (T52)."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from apps.accounts.api.fields import EmailAddressField, NameField, PhoneField
from apps.accounts.api.role_profiles import OptionalCountryField, PatientDetailsIn
from apps.accounts.models import User
from apps.clinical.models import MedicalRecord, Patient, RecordType
from medivoy.api.fields import DayField, InstantField, PlainTextField, ReferenceField, TimezoneField
from medivoy.api.rows import RowOut
from medivoy.core import clock

# What an account must know of a patient, what whoever cares for them must know, and what is nobody's but theirs and
# their carers' (policies.can_read_clinical_profile).
ABOUT = (
    "id",
    "user_id",
    "first_name",
    "last_name",
    "email",
    "phone",
    "preferred_language",
    "date_of_birth",
    "gender",
    "country",
    "city",
    "created_at",
    "updated_at",
)
CONTACTS = (
    "address",
    "emergency_contact_name",
    "emergency_contact_phone",
    "insurance_provider",
    "insurance_policy_number",
)
CLINICAL = ("blood_group", "medical_history", "allergies", "current_medications")
# What of a new patient belongs to the account.
ACCOUNT = ("email", "first_name", "last_name", "phone", "preferred_language", "timezone")
# East of everywhere: what is tomorrow there is tomorrow for everyone.
LATEST_ZONE = "Pacific/Kiritimati"


class PatientRow(RowOut[Patient]):
    """A patient in a list."""

    first_name = serializers.CharField(source="user.first_name")
    last_name = serializers.CharField(source="user.last_name")
    email = serializers.CharField(source="user.email")
    phone = serializers.CharField(source="user.phone", allow_null=True)
    preferred_language = serializers.CharField(source="user.preferred_language")
    date_of_birth = DayField(allow_null=True)
    country = OptionalCountryField()
    created_at = InstantField()
    updated_at = InstantField()

    class Meta:
        model = Patient
        fields: tuple[str, ...] = ABOUT


class PatientContacts(PatientRow):
    """A patient, for those who do not read the clinical profile."""

    class Meta(PatientRow.Meta):
        fields = (*ABOUT, *CONTACTS)


class PatientOut(PatientContacts):
    """A patient with the clinical profile."""

    class Meta(PatientRow.Meta):
        fields = (*ABOUT, *CONTACTS, *CLINICAL)


AnyPatient = PolymorphicProxySerializer(
    component_name="AnyPatient", serializers=[PatientOut, PatientContacts], resource_type_field_name=None
)


class PatientIn(PatientDetailsIn):
    """A new patient: the account that is made for them, and their profile."""

    email = EmailAddressField()
    first_name = NameField(max_length=100)
    last_name = NameField(max_length=100)
    phone = PhoneField(required=False, allow_null=True)
    preferred_language = serializers.ChoiceField(choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    timezone = TimezoneField(default="UTC")

    class Meta(PatientDetailsIn.Meta):
        fields = (*ACCOUNT, *PatientDetailsIn.Meta.fields)


class PersonRef(RowOut[User]):
    """Who did something."""

    name = serializers.CharField(source="__str__")

    class Meta:
        model = User
        fields = ("id", "name", "user_type")


class PatientRef(RowOut[Patient]):
    name = serializers.CharField(source="__str__")

    class Meta:
        model = Patient
        fields = ("id", "name")


class RecordOut(RowOut[MedicalRecord]):
    """What a file is; the bytes are at the link that `/download` gives."""

    patient = PatientRef()
    uploaded_by = PersonRef(source="uploaded_by_user")
    record_date = DayField(allow_null=True)
    created_at = InstantField()
    updated_at = InstantField()

    class Meta:
        model = MedicalRecord
        fields = (
            "id",
            "patient_id",
            "patient",
            "booking_id",
            "record_type",
            "title",
            "description",
            "file_size",
            "file_type",
            "sha256",
            "uploaded_by_user_id",
            "uploaded_by",
            "record_date",
            "is_shared_with_doctors",
            "created_at",
            "updated_at",
        )


class RecordIn(serializers.Serializer[Any]):
    """A file and what it is, as multipart/form-data."""

    file = serializers.FileField(help_text="PDF, JPEG, PNG, TIFF or DICOM by its content; 50 MB at most.")
    record_type = serializers.ChoiceField(choices=RecordType.choices)
    title = PlainTextField(max_length=255)
    description = PlainTextField(max_length=5000, required=False, allow_blank=True)
    record_date = DayField(required=False)
    patient_id = ReferenceField(
        Patient.objects, source="patient", required=False, help_text="Needed from a coordinator; else one's own."
    )
    booking_id = serializers.UUIDField(required=False, help_text="Makes it that booking's document.")
    wanted_id = serializers.UUIDField(required=False, help_text="The wanted document that this is.")
    is_shared_with_doctors = serializers.BooleanField(
        required=False, help_text="Default: true for a booking's document, else false."
    )

    def validate_record_date(self, day: Any) -> Any:
        if day > clock.today(LATEST_ZONE) or day.year < 1900:
            raise serializers.ValidationError(_("This cannot be the day of a finding."))
        return day


class LinkOut(serializers.Serializer[Any]):
    url = serializers.URLField()
    expires_at = InstantField()


class LinkToken(serializers.Serializer[Any]):
    token = PlainTextField(max_length=1000, help_text="From `/download`.")
