"""Consent: whom a patient lets see which records, for what, until when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.clinical.models.patient import Patient
from apps.hospitals.models import Hospital
from medivoy.core import clock
from medivoy.core.models import Record


class Purpose(models.TextChoices):
    QUOTATION = "quotation", _("Quotation")
    TREATMENT = "treatment", _("Treatment")


class Consent(Record):
    """The consent given with a booking: this hospital, this booking's documents, one purpose, until `ends_at`."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    booking = models.ForeignKey("bookings.Booking", on_delete=models.PROTECT, related_name="consents")
    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta(Record.Meta):
        db_table = "consents"
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.CheckConstraint(condition=models.Q(purpose__in=Purpose.values), name="consent_purpose_is_known"),
            models.UniqueConstraint(fields=["booking", "purpose"], name="one_consent_per_booking_and_purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.patient} → {self.hospital}"
