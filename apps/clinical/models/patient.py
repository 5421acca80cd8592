"""Patients: the person who is treated."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from apps.accounts.roles import Role
from apps.clinical.models.emergency_access import EmergencyAccess
from medivoy.core.audit import audited
from medivoy.core.models import Record
from medivoy.core.search import search, words_in
from medivoy.core.text import TextListField

NAME = words_in("user__first_name", "user__last_name")
DOCUMENT = words_in("user__first_name", "user__last_name", "user__email", "user__phone")


class PatientQuerySet(models.QuerySet["Patient"]):
    def visible_to(self, user: Any) -> Self:
        """A patient sees themselves; a doctor whom they treat, and whose records they opened in an emergency; a
        hospital its patients; coordinators and admins all."""
        if user.may("clinical.view_patient"):
            return self
        if user.has_role(Role.PATIENT):
            return self.filter(user=user)
        if user.has_role(Role.HOSPITAL_ADMIN):
            return self._in(Patient.objects.filter(bookings__hospital__admin_user=user))
        if user.has_role(Role.DOCTOR):
            treated = Patient.objects.filter(
                bookings__doctor__user=user, bookings__doctor__is_verified=True, bookings__doctor__is_active=True
            )
            opened = EmergencyAccess.objects.opening_to(user).values("patient")
            return self.filter(models.Q(pk__in=treated.values("pk")) | models.Q(pk__in=opened))
        return self.none()

    def with_open_case(self) -> Self:
        """Those with a booking that is not closed."""
        return self._in(Patient.objects.filter(bookings__isnull=False, bookings__closed_at=None))

    def _in(self, patients: models.QuerySet["Patient"]) -> Self:
        return self.filter(pk__in=patients.values("pk"))

    def search(self, text: str) -> Self:
        """Those found by name, e-mail or phone, best first."""
        return search(self, text, title=NAME, document=DOCUMENT)

    def for_list(self) -> Self:
        return self.select_related("user").order_by("-created_at", "-pk")

    def for_detail(self) -> Self:
        return self.select_related("user")


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
    medical_history = TextListField(_("medical history"))
    allergies = TextListField(_("allergies"))
    current_medications = TextListField(_("medication"))

    objects = PatientQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "patients"
        triggers = [*Record.Meta.triggers, audited("patient", hidden=["blood_group", "insurance_policy_number"])]
        verbose_name = _("patient")
        verbose_name_plural = _("patients")

    def __str__(self) -> str:
        return str(self.user)
