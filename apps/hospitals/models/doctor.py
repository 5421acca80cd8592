"""Doctors and where they work."""

from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.hospitals.models.hospital import Hospital
from apps.hospitals.models.prices import check_decimals
from apps.hospitals.models.shown import in_all_languages
from medivoy.core import clock
from medivoy.core.audit import audited
from medivoy.core.models import Record
from medivoy.core.money import CurrencyField, MoneyField
from medivoy.core.search import search, words_in
from medivoy.core.text import PlainCharField, PlainTextField, TextListField

NAME = words_in("user__first_name", "user__last_name")
DOCUMENT = words_in("user__first_name", "user__last_name", *in_all_languages("specialty"))


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

    def working_at(self, hospital: Any) -> Self:
        """Those affiliated with the hospital (a row or its id) now."""
        return self.filter(pk__in=HospitalDoctor.objects.current().filter(hospital=hospital).values("doctor"))

    def search(self, text: str) -> Self:
        """Those found by name or specialty, best first."""
        return search(self, text, title=NAME, document=DOCUMENT)

    def for_list(self) -> Self:
        """With their names and the hospitals where they work, the best rated first."""
        affiliations = HospitalDoctor.objects.current().public().with_hospital().order_by("-is_primary", "pk")
        return (
            self.select_related("user")
            .prefetch_related(models.Prefetch("affiliations", affiliations, to_attr="workplaces"))
            .order_by("-rating", "-total_reviews", "pk")
        )

    def for_detail(self) -> Self:
        return self.for_list()


class Doctor(Record):
    """A doctor's profile; listed only once the licence is verified."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="doctor", verbose_name=_("user")
    )
    specialty = PlainCharField(_("specialty"), max_length=100, blank=True)
    qualification = PlainTextField(_("qualification"), blank=True)
    experience_years = models.PositiveSmallIntegerField(_("years of experience"), null=True, blank=True)
    license_number = models.CharField(_("licence number"), max_length=100, blank=True)
    bio = PlainTextField(_("about"), blank=True)
    consultation_fee = MoneyField(_("consultation fee"), null=True, blank=True, validators=[MinValueValidator(0)])
    currency = CurrencyField(_("currency"), default="USD")
    languages = TextListField(_("languages"))
    is_available_teleconsult = models.BooleanField(_("teleconsultations"), default=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[clock.validate_zone])
    is_verified = models.BooleanField(_("licence verified"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    rating = models.DecimalField(_("rating"), max_digits=3, decimal_places=2, default=0)
    total_reviews = models.PositiveIntegerField(_("reviews"), default=0)

    objects = DoctorQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "doctors"
        triggers = [*Record.Meta.triggers, audited("doctor")]
        verbose_name = _("doctor")
        verbose_name_plural = _("doctors")
        constraints = [
            models.CheckConstraint(condition=models.Q(rating__gte=0, rating__lte=5), name="doctor_rating_0_to_5"),
            models.CheckConstraint(condition=models.Q(consultation_fee__gte=0), name="doctor_fee_not_negative"),
        ]

    def __str__(self) -> str:
        return str(self.user)

    def clean(self) -> None:
        super().clean()
        check_decimals("consultation_fee", self.consultation_fee, self.currency)


class HospitalDoctorQuerySet(models.QuerySet["HospitalDoctor"]):
    def current(self) -> Self:
        return self.filter(end_date=None)

    def public(self) -> Self:
        """At hospitals that everyone sees."""
        return self.filter(hospital__is_active=True, hospital__is_verified=True)

    def visible_to(self, user: Any) -> Self:
        """Staff see all; everyone where listed doctors work now; a hospital administrator and a doctor also their
        own, past ones too."""
        if user.is_authenticated and user.may("hospitals.view_hospitaldoctor"):
            return self
        shown = models.Q(pk__in=HospitalDoctor.objects.current().public().filter(doctor__in=Doctor.objects.listed()))
        if user.is_authenticated and user.has_role(Role.HOSPITAL_ADMIN):
            shown |= models.Q(hospital__admin_user=user)
        elif user.is_authenticated and user.has_role(Role.DOCTOR):
            shown |= models.Q(doctor__user=user)
        return self.filter(shown)

    def with_hospital(self) -> Self:
        """With as much of the hospital as a line about it needs."""
        names = ("hospital__name", *in_all_languages("hospital__name"))
        return self.select_related("hospital").only(
            *names, "hospital__city", "hospital__slug", "doctor", "department", "is_primary"
        )


class HospitalDoctor(Record):
    """A doctor's affiliation with a hospital; ended by `end_date`, never deleted. Who comes back gets a new row."""

    hospital = models.ForeignKey(
        Hospital, on_delete=models.PROTECT, related_name="affiliations", verbose_name=_("hospital")
    )
    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT, related_name="affiliations", verbose_name=_("doctor"))
    department = PlainCharField(_("department"), max_length=100, blank=True)
    is_primary = models.BooleanField(_("main place of work"), default=False)
    start_date = models.DateField(_("since"), null=True, blank=True)
    end_date = models.DateField(_("until"), null=True, blank=True)

    objects = HospitalDoctorQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "hospital_doctors"
        triggers = [*Record.Meta.triggers, audited("hospital_doctor")]
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        constraints = [
            models.UniqueConstraint(
                fields=["hospital", "doctor"],
                condition=models.Q(end_date=None),
                name="one_affiliation_at_a_time_per_hospital_and_doctor",
            ),
            models.CheckConstraint(
                condition=models.Q(end_date__gte=models.F("start_date"))
                | models.Q(end_date=None)
                | models.Q(start_date=None),
                name="affiliation_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.doctor} @ {self.hospital}"
