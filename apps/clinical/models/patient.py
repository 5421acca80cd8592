"""Patients: the person who is treated."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from apps.accounts.roles import Role
from medivoy.core.models import Record


class PatientQuerySet(models.QuerySet["Patient"]):
    def visible_to(self, user: Any) -> Self:
        """A patient sees themselves; a doctor whom they treat; a hospital its patients; coordinators and admins all."""
        if user.may("clinical.view_patient"):
            return self
        if user.has_role(Role.PATIENT):
            return self.filter(user=user)
        if user.has_role(Role.HOSPITAL_ADMIN):
            return self.filter(bookings__hospital__admin_user=user).distinct()
        if user.has_role(Role.DOCTOR):
            return self.filter(bookings__doctor__user=user).distinct()
        return self.none()


class Patient(Record):
    """A patient's profile: who they are, and what a doctor must know first."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="patient")
    date_of_birth = models.DateField(_("date of birth"), null=True, blank=True)
    gender = models.CharField(_("gender"), max_length=20, blank=True)
    blood_group = models.CharField(_("blood group"), max_length=10, blank=True)
    country = CountryField(_("country"), blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    address = models.TextField(_("address"), blank=True)
    emergency_contact_name = models.CharField(_("emergency contact"), max_length=100, blank=True)
    emergency_contact_phone = models.CharField(_("emergency phone"), max_length=20, blank=True)
    insurance_provider = models.CharField(_("insurance"), max_length=255, blank=True)
    insurance_policy_number = models.CharField(_("policy number"), max_length=100, blank=True)
    medical_history = models.JSONField(_("medical history"), default=list, blank=True)
    allergies = models.JSONField(_("allergies"), default=list, blank=True)
    current_medications = models.JSONField(_("medication"), default=list, blank=True)

    objects = PatientQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "patients"
        verbose_name = _("patient")
        verbose_name_plural = _("patients")

    def __str__(self) -> str:
        return str(self.user)
