"""What is treated, and what it costs where."""

from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.hospitals.models.hospital import Hospital
from apps.hospitals.models.prices import check_decimals
from apps.hospitals.models.shown import in_all_languages, shown
from medivoy.core.audit import audited
from medivoy.core.models import Record
from medivoy.core.money import CurrencyField, MoneyField
from medivoy.core.search import search, words_in
from medivoy.core.text import PlainCharField, PlainTextField, PlainTextListField, web_address

TITLE = words_in(*in_all_languages("name"))
DOCUMENT = words_in(*in_all_languages("name"), "category")


class TreatmentQuerySet(models.QuerySet["Treatment"]):
    def visible_to(self, user: Any) -> Self:
        """Everyone sees the active ones, staff all."""
        if user.is_authenticated and user.may("hospitals.view_treatment"):
            return self
        return self.filter(is_active=True)

    def search(self, text: str) -> Self:
        """Those found by name or category, best first."""
        return search(self, text, title=TITLE, document=DOCUMENT)

    def for_list(self) -> Self:
        """In the order of the names that the reader sees."""
        return self.annotate(shown_name=shown("name")).order_by("shown_name")


class Treatment(Record):
    """A treatment of the platform's catalogue."""

    name = PlainCharField(_("name"), max_length=255)
    category = PlainCharField(_("category"), max_length=100, blank=True)
    description = PlainTextField(_("description"), blank=True)
    duration_days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    is_global = models.BooleanField(_("offered worldwide"), default=True)
    image = models.TextField(_("picture"), blank=True, validators=[web_address])
    is_active = models.BooleanField(_("active"), default=True)

    objects = TreatmentQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "treatments"
        triggers = [*Record.Meta.triggers, audited("treatment")]
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")

    def __str__(self) -> str:
        return self.name


class HospitalTreatmentQuerySet(models.QuerySet["HospitalTreatment"]):
    def on_offer(self) -> Self:
        return self.filter(is_available=True, treatment__is_active=True)

    def visible_to(self, user: Any) -> Self:
        """Staff see all, a hospital administrator theirs, everyone what public hospitals have on offer."""
        if user.is_authenticated and user.may("hospitals.view_hospitaltreatment"):
            return self
        shown_to_all = models.Q(
            is_available=True, treatment__is_active=True, hospital__is_active=True, hospital__is_verified=True
        )
        if user.is_authenticated and user.has_role(Role.HOSPITAL_ADMIN):
            return self.filter(shown_to_all | models.Q(hospital__admin_user=user))
        return self.filter(shown_to_all)

    def with_treatment(self) -> Self:
        """With the treatment, in the order of the names that the reader sees."""
        return (
            self.select_related("treatment")
            .annotate(shown_name=shown("name", "treatment__"))
            .order_by("shown_name", "pk")
        )

    def with_hospital(self) -> Self:
        """With the hospital, the cheapest first, those without a price at the end."""
        return self.select_related("hospital").order_by("base_price", "pk")


class HospitalTreatment(Record):
    """A treatment as one hospital offers it, with its price in its own currency."""

    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="offers", verbose_name=_("hospital"))
    treatment = models.ForeignKey(
        Treatment, on_delete=models.PROTECT, related_name="offers", verbose_name=_("treatment")
    )
    base_price = MoneyField(_("price from"), null=True, blank=True, validators=[MinValueValidator(0)])
    currency = CurrencyField(_("currency"), default="USD")
    duration_days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    success_rate = models.DecimalField(
        _("success rate in percent"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    description = PlainTextField(_("description"), blank=True)
    inclusions = PlainTextListField(_("included"))
    exclusions = PlainTextListField(_("not included"))
    is_available = models.BooleanField(_("available"), default=True)

    objects = HospitalTreatmentQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "hospital_treatments"
        triggers = [*Record.Meta.triggers, audited("hospital_treatment")]
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

    def clean(self) -> None:
        super().clean()
        check_decimals("base_price", self.base_price, self.currency)
