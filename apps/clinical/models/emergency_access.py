"""Break-glass: an hour in which somebody reads the records of a patient who is not theirs, for a reason they give."""

import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from medivoy.core import clock
from medivoy.core.audit import audited
from medivoy.core.models import Entry, kept

LIFETIME = timedelta(hours=1)


def only_reason_erased() -> pgtrigger.Trigger:
    """Return the trigger that refuses every change of an access but one: that its reason is emptied for good."""
    return pgtrigger.Trigger(
        name="append_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func="""
        IF OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL OR NEW.reason <> ''
            OR to_jsonb(NEW) - ARRAY['erased_at', 'reason']
               IS DISTINCT FROM to_jsonb(OLD) - ARRAY['erased_at', 'reason'] THEN
            RAISE EXCEPTION 'an emergency access is never changed';
        END IF;
        RETURN NEW;
        """,
    )


class EmergencyAccessQuerySet(models.QuerySet["EmergencyAccess"]):
    def visible_to(self, user: Any) -> Self:
        """The patient's own, those that somebody opened themselves, and all for those who watch over them."""
        if user.may("clinical.view_emergencyaccess"):
            return self
        return self.filter(models.Q(patient__user=user) | models.Q(user=user))

    def in_force(self) -> Self:
        return self.filter(created_at__lte=clock.now(), ends_at__gt=clock.now())

    def of(self, user: Any) -> Self:
        """Those that this user opened."""
        return self.filter(user=user)

    def opening_to(self, user: Any) -> Self:
        """Those that let this user read at this moment: a doctor as long as the licence is verified (T1, T71)."""
        if not user.may("patient.emergency_access"):
            return self.none()
        rows = self.in_force().of(user)
        return rows.by_verified_doctors() if user.has_role(Role.DOCTOR) else rows

    def by_verified_doctors(self) -> Self:
        return self.filter(user__doctor__is_verified=True, user__doctor__is_active=True)

    def patients_opened_to(self, user: Any, *, among: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
        """Return which of these patients' records this user has opened, and by which access; without a query for who
        never may."""
        return dict(self.opening_to(user).filter(patient__in=among).values_list("patient_id", "pk"))


class EmergencyAccess(Entry):
    """One use of it: who, whose records, why, until when. It ends by itself, and nothing of it changes but that the
    reason goes with the patient; it stays where whoever gave it goes."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    patient = models.ForeignKey(
        "clinical.Patient", on_delete=models.PROTECT, related_name="emergency_accesses", verbose_name=_("patient")
    )
    reason = models.TextField(_("reason"))
    ends_at = models.DateTimeField(_("until"))
    # When the reason was emptied for a patient who asked to be forgotten.
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = EmergencyAccessQuerySet.as_manager()

    class Meta:
        db_table = "emergency_accesses"
        verbose_name = _("emergency access")
        verbose_name_plural = _("emergency accesses")
        triggers = [only_reason_erased(), *kept(), audited("emergency_access")]
        indexes = [models.Index(fields=["user", "patient", "-ends_at"], name="emergency_accesses_in_force")]

    def __str__(self) -> str:
        return f"{self.user} → {self.patient}"
