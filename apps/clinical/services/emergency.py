"""Break-glass: who treats or coordinates opens a patient's records for an hour, and everybody is told (T71)."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical.models import EmergencyAccess, Patient
from apps.clinical.models.emergency_access import LIFETIME
from apps.clinical.policies import can_open_in_emergency
from apps.notifications.services.outbox import notify
from medivoy.core import clock
from medivoy.core.errors import InvalidInput, Missing, Refused

SHORTEST_REASON, LONGEST_REASON = 15, 1000


@dataclass(frozen=True, slots=True)
class Opened:
    """The access that is in force, and whether it was opened just now."""

    access: EmergencyAccess
    is_new: bool


class NotLicensed(Refused):
    code = "licence_needed"
    message = _("Only a doctor whose licence is verified may open records in an emergency.")


@transaction.atomic
def open_in_emergency(patient_id: uuid.UUID, *, actor: User, reason: str) -> Opened:
    """Let `actor` read the profile and all records of a patient for LIFETIME; tell the patient and the admins.

    One that is in force is returned as it is, with nothing new. Raises Refused for a doctor without a verified
    licence, InvalidInput for a reason that is too short or too long, Missing where there is no such patient.
    """
    # Of many at once one opens it, the others find it open.
    actor = User.objects.locked().get(pk=actor.pk)
    if not can_open_in_emergency(actor):
        raise NotLicensed
    reason = checked_reason(reason)
    patient = Patient.objects.select_related("user").filter(pk=patient_id).first()
    if patient is None:
        raise Missing
    known = EmergencyAccess.objects.in_force().of(actor).filter(patient=patient).first()
    if known is not None:
        return Opened(known, is_new=False)
    now = clock.now()
    access = EmergencyAccess.objects.create(
        user=actor, patient=patient, reason=reason, created_at=now, ends_at=now + LIFETIME
    )
    _tell(access)
    return Opened(access, is_new=True)


def checked_reason(reason: str) -> str:
    """Return the reason without the space around it. Raises InvalidInput where it is too short to be one."""
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        words: dict[str, Any] = {"shortest": SHORTEST_REASON, "longest": LONGEST_REASON}
        raise InvalidInput(
            {"reason": [_("Say why in %(shortest)s to %(longest)s characters; the patient will read it.") % words]}
        )
    return reason


def _tell(access: EmergencyAccess) -> None:
    about = ("emergency_access", access.pk)
    context = {"role": Role(access.user.user_type).label}
    notify("emergency_access_opened", to={"patient": [access.patient.user]}, reference=about, context=context)
    admins = User.objects.admins()
    notify("emergency_access_to_check", to={"admins": admins}, actor=access.user, reference=about, context=context)
