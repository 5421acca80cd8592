"""Hospitals, and what decides who may see them."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from apps.accounts.roles import Role
from medivoy.core.models import Record
from medivoy.core.money import CurrencyField


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


class Hospital(Record):
    """A hospital or clinic: one legal entity, one time zone, one currency of its price list."""

    name = models.CharField(_("name"), max_length=255)
    slug = models.SlugField(_("address part"), max_length=120, unique=True)
    type = models.CharField(_("type"), max_length=50, blank=True)
    description = models.TextField(_("description"), blank=True)
    logo = models.TextField(_("logo"), blank=True)
    country = CountryField(_("country"))
    city = models.CharField(_("city"), max_length=100, blank=True)
    address = models.TextField(_("address"), blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=10, decimal_places=8, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=11, decimal_places=8, null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), max_length=255, blank=True)
    website = models.URLField(_("website"), blank=True)
    certifications = models.JSONField(_("certifications"), default=list, blank=True)
    specializations = models.JSONField(_("specializations"), default=list, blank=True)
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
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC")
    currency = CurrencyField(_("currency"), default="USD")
    deposit_percent = models.DecimalField(
        _("deposit in percent"),
        max_digits=5,
        decimal_places=2,
        default=20,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    commission_percent = models.DecimalField(
        _("commission in percent"),
        max_digits=5,
        decimal_places=2,
        default=10,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    issuer_code = models.CharField(_("issuer code of its invoices"), max_length=8, blank=True)
    tax_number = models.CharField(_("tax number"), max_length=64, blank=True)
    legal_name = models.CharField(_("legal name"), max_length=255, blank=True)

    objects = HospitalQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "hospitals"
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
            models.UniqueConstraint(
                fields=["issuer_code"], condition=~models.Q(issuer_code=""), name="hospital_issuer_code_is_unique"
            ),
        ]
        indexes = [GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="hospital_name_trigrams")]

    def __str__(self) -> str:
        return self.name
