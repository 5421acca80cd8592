"""Medical tours: a treatment with all that goes round it, at one price."""

from datetime import date
from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from apps.hospitals.models.hospital import Hospital
from apps.hospitals.models.prices import check_decimals
from apps.hospitals.models.shown import in_all_languages, shown
from apps.hospitals.models.treatment import Treatment
from apps.hospitals.seasons import validate_seasons
from medivoy.core.audit import audited
from medivoy.core.models import Record
from medivoy.core.money import CurrencyField, MoneyField
from medivoy.core.search import search, words_in
from medivoy.core.text import PlainCharField, PlainTextField, PlainTextListField

TITLE = words_in(*in_all_languages("name"))
DOCUMENT = words_in(*in_all_languages("name"), *in_all_languages("description"))


class SeasonPercent(models.Func):
    """What apps/hospitals/seasons.py says of a day, in SQL; the function is made by a migration."""

    function = "season_percent"
    output_field = models.DecimalField(max_digits=7, decimal_places=3)


class PackageQuerySet(models.QuerySet["Package"]):
    def visible_to(self, user: Any) -> Self:
        """Everyone sees the active ones, staff all."""
        if user.is_authenticated and user.may("hospitals.view_package"):
            return self
        return self.filter(is_active=True)

    def search(self, text: str) -> Self:
        """Those found by name or description, best first."""
        return search(self, text, title=TITLE, document=DOCUMENT)

    def priced_for(self, travel_date: date | None) -> Self:
        """With `price_then`, one traveller's price on that day before rounding; without a day the base price."""
        if travel_date is None:
            return self.annotate(price_then=models.F("base_price"))
        percent = SeasonPercent(models.F("seasonal_pricing"), models.Value(f"{travel_date:%m-%d}"))
        price = models.ExpressionWrapper(
            models.F("base_price") * percent / 100, models.DecimalField(max_digits=24, decimal_places=6)
        )
        return self.annotate(price_then=price)

    def for_list(self) -> Self:
        """With hospitals that everyone sees and active treatments, in the order of the names that the reader sees."""
        hospitals = Hospital.objects.public().only("name", "city", "slug").order_by("pk")
        treatments = Treatment.objects.filter(is_active=True).only("name").order_by("pk")
        return (
            self.prefetch_related(
                models.Prefetch("hospitals", hospitals, to_attr="public_hospitals"),
                models.Prefetch("treatments", treatments, to_attr="active_treatments"),
            )
            .annotate(shown_name=shown("name"))
            .order_by("shown_name")
        )

    def for_detail(self) -> Self:
        return self.for_list()


class Package(Record):
    """A package of hospitals; `base_price` is one traveller's, `seasonal_pricing` is as seasons.py has it."""

    name = PlainCharField(_("name"), max_length=255)
    country = CountryField(_("country"))
    description = PlainTextField(_("description"), blank=True)
    duration_days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    base_price = MoneyField(_("price"), validators=[MinValueValidator(0)])
    currency = CurrencyField(_("currency"), default="USD")
    inclusions = PlainTextListField(_("included"))
    hospitals = models.ManyToManyField(
        Hospital, related_name="packages", db_table="package_hospitals", blank=True, verbose_name=_("hospitals")
    )
    treatments = models.ManyToManyField(
        Treatment, related_name="packages", db_table="package_treatments", blank=True, verbose_name=_("treatments")
    )
    flights_included = models.BooleanField(_("flights"), default=False)
    accommodation_included = models.BooleanField(_("accommodation"), default=False)
    transfers_included = models.BooleanField(_("transfers"), default=False)
    seasonal_pricing = models.JSONField(
        _("seasons"),
        default=list,
        blank=True,
        validators=[validate_seasons],
        help_text='[{"from": "06-01", "to": "08-31", "percent": 120}]',
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = PackageQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "packages"
        triggers = [*Record.Meta.triggers, audited("package")]
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        constraints = [models.CheckConstraint(condition=models.Q(base_price__gte=0), name="package_price_not_negative")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        check_decimals("base_price", self.base_price, self.currency)


class PackageHospital(Package.hospitals.through):  # type: ignore[name-defined]
    """That a package holds at a hospital; here for its trigger alone."""

    class Meta:
        proxy = True
        triggers = [audited("package_hospital")]


class PackageTreatment(Package.treatments.through):  # type: ignore[name-defined]
    """That a treatment is part of a package; here for its trigger alone."""

    class Meta:
        proxy = True
        triggers = [audited("package_treatment")]
