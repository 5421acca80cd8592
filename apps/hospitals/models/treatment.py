"""What is treated, and what it costs where."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.hospitals.models.hospital import Hospital
from medivoy.core.models import Record
from medivoy.core.money import CurrencyField, MoneyField


class TreatmentQuerySet(models.QuerySet["Treatment"]):
    def visible_to(self, user: Any) -> Self:
        """Everyone sees the active ones, staff all."""
        if user.is_authenticated and user.may("hospitals.view_treatment"):
            return self
        return self.filter(is_active=True)


class Treatment(Record):
    """A treatment of the platform's catalogue."""

    name = models.CharField(_("name"), max_length=255)
    category = models.CharField(_("category"), max_length=100, blank=True)
    description = models.TextField(_("description"), blank=True)
    duration_days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    is_global = models.BooleanField(_("offered worldwide"), default=True)
    image = models.TextField(_("picture"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = TreatmentQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "treatments"
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")

    def __str__(self) -> str:
        return self.name


class HospitalTreatmentQuerySet(models.QuerySet["HospitalTreatment"]):
    def on_offer(self) -> Self:
        return self.filter(is_available=True, treatment__is_active=True)


class HospitalTreatment(Record):
    """A treatment as one hospital offers it, with its price in its own currency."""

    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="offers")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="offers")
    base_price = MoneyField(_("price from"), null=True, blank=True)
    currency = CurrencyField(_("currency"), default="USD")
    duration_days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    success_rate = models.DecimalField(_("success rate in percent"), max_digits=5, decimal_places=2, null=True, blank=True)
    description = models.TextField(_("description"), blank=True)
    inclusions = models.JSONField(_("included"), default=list, blank=True)
    exclusions = models.JSONField(_("not included"), default=list, blank=True)
    is_available = models.BooleanField(_("available"), default=True)

    objects = HospitalTreatmentQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "hospital_treatments"
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.UniqueConstraint(fields=["hospital", "treatment"], name="one_offer_per_hospital_and_treatment"),
            models.CheckConstraint(condition=models.Q(base_price__gte=0), name="offer_price_not_negative"),
            models.CheckConstraint(
                condition=models.Q(success_rate__gte=0, success_rate__lte=100), name="offer_success_rate_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.treatment} @ {self.hospital}"
