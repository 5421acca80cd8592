"""Hospitals, and what decides who may see them."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import ACos, Cast, Cos, Greatest, Least, Radians, Round, Sin
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from apps.accounts.roles import Role
from apps.hospitals.models.shown import in_all_languages, shown
from medivoy.core.audit import audited
from medivoy.core.clock import validate_zone
from medivoy.core.models import Record
from medivoy.core.money import CurrencyField
from medivoy.core.search import Searchable, search, words_in
from medivoy.core.text import PlainCharField, PlainTextField, PlainTextListField, WebAddressField, web_address

PERCENT = [MinValueValidator(0), MaxValueValidator(100)]
# MV is the platform's own.
issuer_code = RegexValidator(r"^(?!MV$)[A-Z0-9]{2,8}$", _("Two to eight capitals and digits, and not MV."))

TITLE = words_in(*in_all_languages("name"))
DOCUMENT = words_in(*in_all_languages("name"), "city", "specializations")

EARTH_RADIUS_KM = 6371.0


def distance_km(latitude: float, longitude: float) -> Any:
    """Return the distance of a hospital from a point along the surface, in kilometres with three decimals."""
    north, east = Radians(F("latitude")), Radians(F("longitude"))
    here_north, here_east = Radians(Value(latitude)), Radians(Value(longitude))
    cosine = Sin(here_north) * Sin(north) + Cos(here_north) * Cos(north) * Cos(east - here_east)
    # Rounding may lead a hair beyond 1, where there is no arc.
    arc = ACos(Greatest(Least(cosine, Value(1.0)), Value(-1.0)))
    return Round(Cast(arc * EARTH_RADIUS_KM, models.DecimalField(max_digits=9, decimal_places=3)), 3)


class HospitalQuerySet(models.QuerySet["Hospital"]):
    def public(self) -> Self:
        """What a stranger sees: active and verified."""
        return self.filter(is_active=True, is_verified=True)

    def visible_to(self, user: Any) -> Self:
        """Staff see all, a hospital administrator theirs too, everyone the public ones."""
        if user.is_authenticated and user.may("hospitals.view_hospital"):
            return self
        if user.is_authenticated and user.has_role(Role.HOSPITAL_ADMIN):
            return self.filter(models.Q(is_active=True, is_verified=True) | models.Q(admin_user=user))
        return self.public()

    def administered_by(self, user: Any) -> Self:
        return self.filter(admin_user=user)

    def offering(self, offers: models.QuerySet[Any]) -> Self:
        """Those with an offer among `offers`."""
        return self.filter(models.Exists(offers.filter(hospital=models.OuterRef("pk"))))

    def near(self, latitude: float, longitude: float, *, radius_km: float) -> Self:
        """Those within the radius, annotated with `distance_km`, nearest first."""
        return (
            self.exclude(latitude=None)
            .annotate(distance_km=distance_km(latitude, longitude))
            .filter(distance_km__lte=radius_km)
            .order_by("distance_km", "pk")
        )

    def search(self, text: str) -> Self:
        """Those found by name, city or specialization, best first."""
        return search(self, text, title=TITLE, document=DOCUMENT)

    def for_list(self) -> Self:
        """In the order of the names that the reader sees."""
        return self.annotate(shown_name=shown("name")).order_by("shown_name")


class Hospital(Record):
    """A hospital or clinic: one legal entity, one time zone, one currency of its price list."""

    name = PlainCharField(_("name"), max_length=255)
    slug = models.SlugField(_("address part"), max_length=120, unique=True)
    type = PlainCharField(_("type"), max_length=50, blank=True)
    description = PlainTextField(_("description"), blank=True)
    logo = models.TextField(_("logo"), blank=True, validators=[web_address])
    country = CountryField(_("country"))
    city = PlainCharField(_("city"), max_length=100, blank=True)
    address = PlainTextField(_("address"), blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=10, decimal_places=8, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=11, decimal_places=8, null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), max_length=255, blank=True)
    website = WebAddressField(_("website"), blank=True)
    certifications = PlainTextListField(_("certifications"))
    specializations = PlainTextListField(_("specializations"))
    is_verified = models.BooleanField(_("verified"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    admin_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("administrator"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="hospitals",
    )
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_zone])
    currency = CurrencyField(_("currency"), default="USD")
    deposit_percent = models.DecimalField(
        _("deposit in percent"), max_digits=5, decimal_places=2, default=20, validators=PERCENT
    )
    commission_percent = models.DecimalField(
        _("commission in percent"), max_digits=5, decimal_places=2, default=10, validators=PERCENT
    )
    issuer_code = models.CharField(_("issuer code of its invoices"), max_length=8, blank=True, validators=[issuer_code])
    tax_number = PlainCharField(_("tax number"), max_length=64, blank=True)
    legal_name = PlainCharField(_("legal name"), max_length=255, blank=True)

    objects = HospitalQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "hospitals"
        triggers = [*Record.Meta.triggers, audited("hospital")]
        verbose_name = _("hospital")
        verbose_name_plural = _("hospitals")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(deposit_percent__gte=0, deposit_percent__lte=100), name="hospital_deposit_is_a_share"
            ),
            models.CheckConstraint(
                condition=models.Q(commission_percent__gte=0, commission_percent__lte=100),
                name="hospital_commission_is_a_share",
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180)
                | models.Q(latitude=None, longitude=None),
                name="hospital_lies_on_earth",
            ),
            models.UniqueConstraint(
                fields=["issuer_code"], condition=~models.Q(issuer_code=""), name="hospital_issuer_code_is_unique"
            ),
        ]
        indexes = [GinIndex(OpClass(Searchable(DOCUMENT), name="gin_trgm_ops"), name="hospital_words")]

    def __str__(self) -> str:
        return self.name
