"""Cancellation policies: which share goes back, by days before admission; per hospital, with a platform default."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.hospitals.models import Hospital
from medivoy.core.audit import audited
from medivoy.core.models import Record

# 30 days or more before admission everything, 14 to 29 half, later nothing (domain.md, Money).
DEFAULT_TIERS = ((30, 100), (14, 50), (0, 0))


class CancellationPolicyQuerySet(models.QuerySet["CancellationPolicy"]):
    def visible_to(self, user: Any) -> Self:
        """Staff see all, a hospital administrator their hospital's and the platform's."""
        if user.may("bookings.view_cancellationpolicy"):
            return self
        if user.has_role(Role.HOSPITAL_ADMIN):
            return self.filter(models.Q(hospital__admin_user=user) | models.Q(hospital=None))
        return self.none()

    def applying_to(self, hospital: Hospital) -> Self:
        """The hospital's own policy first, then the platform's."""
        return self.filter(models.Q(hospital=hospital) | models.Q(hospital=None)).order_by(
            models.F("hospital").asc(nulls_last=True)
        )


class CancellationPolicy(Record):
    """A policy; `hospital` empty: the platform's default."""

    hospital = models.OneToOneField(
        Hospital,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cancellation_policy",
        verbose_name=_("hospital"),
    )
    name = models.CharField(_("name"), max_length=100)

    objects = CancellationPolicyQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "cancellation_policies"
        triggers = [*Record.Meta.triggers, audited("cancellation_policy")]
        verbose_name = _("cancellation policy")
        verbose_name_plural = _("cancellation policies")
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(hospital=None), name="one_platform_cancellation_policy"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def agreed_with(cls, hospital: Hospital) -> dict[str, Any]:
        """Return the policy that holds at the hospital now, as it is copied into a booking at acceptance.

        Without a row of the hospital's or the platform's the default of domain.md holds.
        """
        policy = cls.objects.applying_to(hospital).prefetch_related("tiers").first()
        tiers = [(tier.min_days, tier.percent) for tier in policy.tiers.all()] if policy else DEFAULT_TIERS
        return {
            "name": policy.name if policy else "",
            "tiers": [{"min_days": min_days, "percent": str(percent)} for min_days, percent in tiers],
        }


class CancellationTierQuerySet(models.QuerySet["CancellationTier"]):
    def visible_to(self, user: Any) -> Self:
        """The tiers of the policies that the user sees."""
        return self.filter(policy__in=CancellationPolicy.objects.visible_to(user))


class CancellationTier(models.Model):
    """From `min_days` before admission on, `percent` of what was paid goes back."""

    policy = models.ForeignKey(CancellationPolicy, on_delete=models.CASCADE, related_name="tiers")
    min_days = models.PositiveSmallIntegerField(_("days before admission, at least"))
    percent = models.DecimalField(_("refunded in percent"), max_digits=5, decimal_places=2)

    objects = CancellationTierQuerySet.as_manager()

    class Meta:
        db_table = "cancellation_tiers"
        triggers = [audited("cancellation_tier")]
        ordering = ["-min_days"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "min_days"], name="one_cancellation_tier_per_day"),
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, percent__lte=100), name="cancellation_percent_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.min_days}: {self.percent} %"
