"""Medical files. The bytes are private: no address leads to them but a link bound to its asker."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.clinical.models.consent import Consent
from apps.clinical.models.emergency_access import EmergencyAccess
from apps.clinical.models.patient import Patient
from medivoy.core.audit import audited
from medivoy.core.models import Record

FOLDER = "medical-records"
# What says something of the body, so that the audit trail does not: who reads that reads no records (T17).
CLINICAL = ("record_type", "title", "file_type", "record_date")


class RecordType(models.TextChoices):
    XRAY = "xray", _("X-ray")
    MRI = "mri", _("MRI")
    CT_SCAN = "ct_scan", _("CT scan")
    LAB_REPORT = "lab_report", _("Laboratory report")
    PRESCRIPTION = "prescription", _("Prescription")
    DISCHARGE_SUMMARY = "discharge_summary", _("Discharge summary")
    OTHER = "other", _("Other")


class MedicalRecordQuerySet(models.QuerySet["MedicalRecord"]):
    def visible_to(self, user: Any) -> Self:
        """The patient's own; for coordinators those of patients with an open case; for a hospital's administrators
        and the doctor named on a case, the case's documents while a consent opens them, for doctors those alone that
        are shared with doctors. All of a patient's for who opened them in an emergency (T71). Never for admins and
        translators (T17)."""
        if user.has_role(Role.PATIENT):
            return self.filter(patient__user=user)
        in_emergency = models.Q(patient__in=EmergencyAccess.objects.opening_to(user).values("patient"))
        if user.may("clinical.view_medicalrecord"):
            return self.filter(models.Q(patient__in=Patient.objects.with_open_case()) | in_emergency)
        opened = Consent.objects.in_force().opening_to(user).values("booking")
        if user.has_role(Role.HOSPITAL_ADMIN):
            return self.filter(booking__in=opened)
        if user.has_role(Role.DOCTOR):
            return self.filter(models.Q(booking__in=opened, is_shared_with_doctors=True) | in_emergency)
        return self.none()

    def for_list(self) -> Self:
        """With the people that a line names."""
        return self.select_related("patient__user", "uploaded_by_user")

    def for_detail(self) -> Self:
        return self.for_list()


def storage_path(record: "MedicalRecord", filename: str) -> str:
    """Return where the file lies: by ids alone, never by the name that it came with."""
    return f"{FOLDER}/{record.patient_id}/{record.pk}"


class MedicalRecord(Record):
    """A file of a patient; `file_type` was judged by content, `is_shared_with_doctors` is the patient's choice."""

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="medical_records", verbose_name=_("patient")
    )
    booking = models.ForeignKey(
        "bookings.Booking",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="medical_records",
        verbose_name=_("booking"),
    )
    record_type = models.CharField(_("kind"), max_length=50, choices=RecordType.choices)
    title = models.CharField(_("title"), max_length=255)
    description = models.TextField(_("description"), blank=True)
    file = models.FileField(_("file"), upload_to=storage_path, db_column="file_url", max_length=255)
    file_size = models.PositiveIntegerField(_("size in bytes"))
    file_type = models.CharField(_("media type"), max_length=50)
    sha256 = models.CharField(max_length=64)
    uploaded_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    record_date = models.DateField(_("date"), null=True, blank=True)
    is_shared_with_doctors = models.BooleanField(_("shared with doctors"), default=False)

    objects = MedicalRecordQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "medical_records"
        triggers = [*Record.Meta.triggers, audited("medical_record", hidden=CLINICAL)]
        verbose_name = _("medical record")
        verbose_name_plural = _("medical records")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(record_type__in=RecordType.values), name="medical_record_type_is_known"
            ),
            models.UniqueConstraint(fields=["file"], name="one_medical_record_a_file"),
        ]
        indexes = [models.Index(fields=["patient", "-created_at", "-id"], name="medical_records_newest_first")]

    def __str__(self) -> str:
        return self.title
