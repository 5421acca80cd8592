"""Consent: whom a patient lets see which records, for what, until when."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.clinical.models.patient import Patient
from apps.hospitals.models import Hospital
from medivoy.core import clock
from medivoy.core.audit import audited
from medivoy.core.models import Record


class Purpose(models.TextChoices):
    QUOTATION = "quotation", _("Quotation")
    TREATMENT = "treatment", _("Treatment")


class ConsentQuerySet(models.QuerySet["Consent"]):
    def in_force(self) -> Self:
        now = clock.now()
        return self.filter(starts_at__lte=now, revoked_at=None).filter(
            models.Q(ends_at=None) | models.Q(ends_at__gt=now)
        )

    def visible_to(self, user: Any) -> Self:
        """A patient sees whom they let read; a hospital and a doctor what lets them; coordinators and admins all."""
        if user.may("clinical.view_patient"):
            return self
        if user.has_role(Role.PATIENT):
            return self.filter(patient__user=user)
        return self.opening_to(user)

    def opening_to(self, user: Any) -> Self:
        """Those that let this user read: the administrator of the hospital that they name, and the doctor named on
        their booking, as long as the licence is verified (T1, T17)."""
        if user.has_role(Role.HOSPITAL_ADMIN):
            return self.filter(hospital__admin_user=user)
        if user.has_role(Role.DOCTOR):
            return self.filter(
                booking__doctor__user=user, booking__doctor__is_verified=True, booking__doctor__is_active=True
            )
        return self.none()


class Consent(Record):
    """The consent given with a booking: this hospital, this booking's documents, one purpose, until `ends_at`."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    booking = models.ForeignKey("bookings.Booking", on_delete=models.PROTECT, related_name="consents")
    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "consents"
        triggers = [*Record.Meta.triggers, audited("consent")]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.CheckConstraint(condition=models.Q(purpose__in=Purpose.values), name="consent_purpose_is_known"),
            models.UniqueConstraint(fields=["booking", "purpose"], name="one_consent_per_booking_and_purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.patient} → {self.hospital}"
