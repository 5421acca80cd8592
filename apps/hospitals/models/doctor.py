"""Doctors and where they work."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.hospitals.models.hospital import Hospital
from medivoy.core.models import Record
from medivoy.core.money import CurrencyField, MoneyField


class DoctorQuerySet(models.QuerySet["Doctor"]):
    def listed(self) -> Self:
        """Those whom the public sees: licence verified, active, with an active account."""
        return self.filter(is_verified=True, is_active=True, user__is_active=True)

    def visible_to(self, user: Any) -> Self:
        """Staff see all, a hospital administrator theirs, a doctor themselves, everyone the listed ones."""
        if not user.is_authenticated:
            return self.listed()
        if user.may("hospitals.view_doctor"):
            return self
        own = models.Q(user=user)
        if user.has_role(Role.HOSPITAL_ADMIN):
            at_own = HospitalDoctor.objects.filter(hospital__admin_user=user).values("doctor")
            own |= models.Q(pk__in=at_own)
        return self.filter(own | models.Q(is_verified=True, is_active=True, user__is_active=True))

    def working_at(self, hospital: Hospital) -> Self:
        """Those affiliated with the hospital now."""
        return self.filter(pk__in=HospitalDoctor.objects.current().filter(hospital=hospital).values("doctor"))


class Doctor(Record):
    """A doctor's profile; listed only once the licence is verified."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="doctor")
    specialty = models.CharField(_("specialty"), max_length=100, blank=True)
    qualification = models.TextField(_("qualification"), blank=True)
    experience_years = models.PositiveSmallIntegerField(_("years of experience"), null=True, blank=True)
    license_number = models.CharField(_("licence number"), max_length=100, blank=True)
    bio = models.TextField(_("about"), blank=True)
    consultation_fee = MoneyField(_("consultation fee"), null=True, blank=True)
    currency = CurrencyField(_("currency"), default="USD")
    languages = models.JSONField(_("languages"), default=list, blank=True)
    is_available_teleconsult = models.BooleanField(_("teleconsultations"), default=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC")
    is_verified = models.BooleanField(_("licence verified"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    rating = models.DecimalField(_("rating"), max_digits=3, decimal_places=2, default=0)
    total_reviews = models.PositiveIntegerField(_("reviews"), default=0)

    objects = DoctorQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "doctors"
        verbose_name = _("doctor")
        verbose_name_plural = _("doctors")
        constraints = [
            models.CheckConstraint(condition=models.Q(rating__gte=0, rating__lte=5), name="doctor_rating_0_to_5"),
        ]

    def __str__(self) -> str:
        return str(self.user)


class HospitalDoctorQuerySet(models.QuerySet["HospitalDoctor"]):
    def current(self) -> Self:
        return self.filter(end_date=None)


class HospitalDoctor(Record):
    """A doctor's affiliation with a hospital; ended by `end_date`, never deleted."""

    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="affiliations")
    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT, related_name="affiliations")
    department = models.CharField(_("department"), max_length=100, blank=True)
    is_primary = models.BooleanField(_("main place of work"), default=False)
    start_date = models.DateField(_("since"), null=True, blank=True)
    end_date = models.DateField(_("until"), null=True, blank=True)

    objects = HospitalDoctorQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "hospital_doctors"
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        constraints = [
            models.UniqueConstraint(fields=["hospital", "doctor"], name="one_affiliation_per_hospital_and_doctor"),
        ]

    def __str__(self) -> str:
        return f"{self.doctor} @ {self.hospital}"
