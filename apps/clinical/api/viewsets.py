"""The doors to patients and their records."""

import uuid
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.role_profiles import PatientDetailsIn
from apps.bookings.services.details import attach_record
from apps.clinical.api.downloads import private_file
from apps.clinical.api.filters import PatientFilters, RecordFilters
from apps.clinical.api.serializers import (
    ACCOUNT,
    CLINICAL,
    AnyPatient,
    LinkOut,
    LinkToken,
    PatientContacts,
    PatientIn,
    PatientOut,
    PatientRow,
    RecordIn,
    RecordOut,
)
from apps.clinical.models import MedicalRecord, Patient
from apps.clinical.policies import can_read_clinical_profile
from apps.clinical.services.links import make_link, reader_of
from apps.clinical.services.profile import update_patient
from apps.clinical.services.reads import DOWNLOAD, FILE, LINK, note_profile, note_records
from apps.clinical.services.records import Draft, upload_record
from apps.clinical.services.registration import Enrolment, enrol_patient
from apps.clinical.uploads.judge import KINDS
from medivoy.api.envelope import created, ok
from medivoy.api.schema.answers import File
from medivoy.api.viewsets import BaseViewSet, ListMixin, RetrieveMixin
from medivoy.core.errors import InvalidInput, Missing

MEDIA_TYPES: tuple[str, tuple[str, ...]] = ("application/pdf", tuple(KINDS)[1:])


class PatientViewSet(ListMixin, RetrieveMixin, BaseViewSet):
    """Patients: a list says who they are, one of them says more, by what the asker may read."""

    entity = "patient"
    model = Patient
    serializer_class = PatientRow
    serializers = {"create": PatientIn, "partial_update": PatientDetailsIn}
    answers = dict.fromkeys(("create", "retrieve", "partial_update"), AnyPatient)
    refusals = {"create": {409: ("already_registered",)}, "partial_update": {409: ("account_erased",)}}
    verified_email = ("create", "partial_update")
    filterset_class = PatientFilters
    ordering_fields = {"created_at": "created_at", "first_name": "user__first_name", "last_name": "user__last_name"}

    def represent(self, row: Any, many: bool = False) -> Any:
        """The clinical profile is in the answer for those alone who may read it, and each reading is recorded."""
        if many:
            return super().represent(row, many=True)
        if not can_read_clinical_profile(self.request.user, row):
            return PatientContacts(row, context=self.get_serializer_context()).data
        note_profile(row, reader=self.request.user)
        return PatientOut(row, context=self.get_serializer_context()).data

    def create(self, request: Request) -> Response:
        """Enrol a patient. They get a mail with a link to set their password."""
        values = self._without_unseen(self.payload())
        account = {name: values.pop(name) for name in ACCOUNT if name in values}
        patient = enrol_patient(Enrolment(**account, details=values), actor=request.user)
        return created(self.reread(patient))

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a patient's profile. The clinical part is ignored from those who do not read it."""
        patient = self.get_object()
        changes = self._without_unseen(self.payload(patient))
        update_patient(patient, changes=changes)
        return ok(self.reread(patient))

    def _without_unseen(self, values: dict[str, Any]) -> dict[str, Any]:
        if self.request.user.may("patient.clinical_profile"):
            return values
        return {name: value for name, value in values.items() if name not in CLINICAL}


class RecordList(BaseViewSet):
    """What all lists of records have in common."""

    model = MedicalRecord
    serializer_class = RecordOut
    filterset_class = RecordFilters
    ordering_fields = ("created_at", "record_date", "title")
    ordering = ("-created_at",)

    def represent(self, row: Any, many: bool = False) -> Any:
        """Whoever is shown a record is in the audit trail before the answer leaves (T61)."""
        note_records(row if many else [row], reader=self.request.user)
        return super().represent(row, many)


class PatientRecordViewSet(RecordList):
    """The records of one patient."""

    entity = "patient"
    within = Patient
    list_actions = ("medical_records",)

    def medical_records(self, request: Request, pk: uuid.UUID) -> Response:
        """Those of a patient's records that the asker may read."""
        return self.page_of(self.get_queryset().filter(patient=self.row_above()))


class RecordViewSet(ListMixin, RetrieveMixin, RecordList):
    """Medical records. Who reads what follows from consent; see docs/uploads.md for what is taken in."""

    entity = "medical_record"
    serializers = {"create": RecordIn}
    answers = {"download": LinkOut, "file": File(*MEDIA_TYPES)}
    queries = {"file": LinkToken}
    refusals = {"create": {409: ("quota_exceeded", "not_wanted")}, "file": {403: ("link_invalid",)}}
    verified_email = ("create",)
    # A file is judged, scanned and stored before the transaction opens.
    own_transactions = ("create",)

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()]

    def input_serializer(self, instance: Any = None) -> Any:
        """Take the form as it was filled in: in a form that HTML sends, a box that is missing means no, here it does
        not."""
        sent = {name: self.request.data[name] for name in self.request.data}
        return RecordIn(data=sent, context=self.get_serializer_context())

    def create(self, request: Request) -> Response:
        """Send in a file.

        With `booking_id` it becomes that booking's document, with `wanted_id` the one that was asked for, and the
        case goes on. 413 for a file of more than 50 MB.
        """
        if any(file.size > settings.MEDICAL_RECORD_MAX_BYTES for file in request.FILES.values()):
            raise RequestDataTooBig
        values = self.payload()
        place = {name: values.pop(name, None) for name in ("booking_id", "wanted_id")}
        attach = partial(attach_record, **place, actor=request.user) if any(place.values()) else None
        values.setdefault("is_shared_with_doctors", attach is not None)
        values["patient"] = self._patient_of(values)
        file = values.pop("file")
        record = upload_record(Draft(**values), file=file, actor=request.user, attach=attach)
        return created(self.reread(record))

    def _patient_of(self, values: dict[str, Any]) -> Patient:
        """Return whose file it is: the asker's own, or that of the patient whom a coordinator names."""
        user = self.request.user
        if not user.may("patient.create"):
            return values.get("patient") or get_object_or_404(Patient.objects.visible_to(user), user=user)
        patient = values.get("patient")
        if patient is None:
            raise InvalidInput({"patient_id": [_("This field is required.")]})
        if not Patient.objects.visible_to(user).with_open_case().filter(pk=patient.pk).exists():
            raise InvalidInput({"patient_id": [_("This patient has no open case.")]})
        return patient

    def download(self, request: Request, pk: uuid.UUID) -> Response:
        """A link to the file, for the asker alone: good for five minutes, and while this sign-in lives."""
        record = self.get_object()
        note_records([record], reader=request.user, action=DOWNLOAD, fields=[LINK])
        return ok(LinkOut(make_link(record, user=request.user, sid=request.auth.sid)).data)

    def file(self, request: Request, pk: uuid.UUID) -> FileResponse:
        """The file itself, by the link that `download` gave. No sign-in is needed, but one that comes along must be
        the same person's."""
        reader = reader_of(self.query()["token"], record_id=pk)
        if request.user.is_authenticated and request.user.pk != reader.pk:
            raise Missing
        if not reader.may("medical_record.download"):
            raise Missing
        record = get_object_or_404(MedicalRecord.objects.visible_to(reader).select_related("patient"), pk=pk)
        note_records([record], reader=reader, action=DOWNLOAD, fields=[FILE])
        return private_file(record)
