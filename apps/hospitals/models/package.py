"""Medical tours: a treatment with all that goes round it, at one price."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from apps.hospitals.models.hospital import Hospital
from apps.hospitals.models.treatment import Treatment
from medivoy.core.models import Record
from medivoy.core.money import CurrencyField, MoneyField


class PackageQuerySet(models.QuerySet["Package"]):
    def visible_to(self, user: Any) -> Self:
        """Everyone sees the active ones, staff all."""
        if user.is_authenticated and user.may("hospitals.view_package"):
            return self
        return self.filter(is_active=True)


class Package(Record):
    """A package of one or more hospitals; the price is for one traveller and may depend on the season.

    `seasonal_pricing`: a list of {"from": "MM-DD", "to": "MM-DD", "percent": 110} applied to `base_price`.
    """

    name = models.CharField(_("name"), max_length=255)
    country = CountryField(_("country"))
    description = models.TextField(_("description"), blank=True)
    duration_days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    base_price = MoneyField(_("price"))
    currency = CurrencyField(_("currency"), default="USD")
    inclusions = models.JSONField(_("included"), default=list, blank=True)
    hospitals = models.ManyToManyField(Hospital, related_name="packages", db_table="package_hospitals", blank=True)
    treatments = models.ManyToManyField(Treatment, related_name="packages", db_table="package_treatments", blank=True)
    flights_included = models.BooleanField(_("flights"), default=False)
    accommodation_included = models.BooleanField(_("accommodation"), default=False)
    transfers_included = models.BooleanField(_("transfers"), default=False)
    seasonal_pricing = models.JSONField(_("seasons"), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = PackageQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "packages"
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        constraints = [models.CheckConstraint(condition=models.Q(base_price__gte=0), name="package_price_not_negative")]

    def __str__(self) -> str:
        return self.name
