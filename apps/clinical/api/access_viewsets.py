"""The doors to who reads a patient's records: an emergency is declared, and the log is shown."""

import uuid
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.clinical.api.access_serializers import AccessOut, EmergencyIn, EmergencyOut
from apps.clinical.api.filters import AccessFilters
from apps.clinical.models import EmergencyAccess, Patient
from apps.clinical.policies import can_open_in_emergency
from apps.clinical.services.access_log import reads_of, with_readers
from apps.clinical.services.emergency import open_in_emergency
from medivoy.api.envelope import created, ok
from medivoy.api.limiter import spend
from medivoy.api.viewsets import BaseViewSet

# The rate of settings.RATE_LIMITS, by account, at either door.
EMERGENCY_ACCESS = "emergency_access"


def count_emergency(user: Any, patient_id: uuid.UUID) -> None:
    """Count an emergency that is declared, at either door; one that is in force counts no more. Raises Throttled."""
    if not EmergencyAccess.objects.in_force().of(user).filter(patient=patient_id).exists():
        spend(EMERGENCY_ACCESS, str(user.pk))


class EmergencyViewSet(BaseViewSet):
    """Break-glass. The patient need not be there for the asker otherwise, so what is wrong with the request is said
    before whether there is such a patient: nobody finds out by trying."""

    entity = "patient"
    model = EmergencyAccess
    serializer_class = EmergencyOut
    serializers = {"emergency_access": EmergencyIn}
    statuses = {"emergency_access": (201, 200)}
    refusals = {"emergency_access": {403: ("email_not_verified", "licence_needed")}}
    verified_email = ("emergency_access",)
    # There is no row to ask it of: the service asks, under its lock.
    policies = {"emergency_access": can_open_in_emergency}

    def emergency_access(self, request: Request, pk: uuid.UUID) -> Response:
        """Open a patient's profile and records for an hour, in an emergency.

        The patient and the admins are told at once, and every reading is recorded. One that is in force already is
        answered with 200, and nothing is new.
        """
        values = self.payload()
        count_emergency(request.user, pk)
        opened = open_in_emergency(pk, actor=request.user, **values)
        shown = self.represent(opened.access)
        return created(shown) if opened.is_new else ok(shown)


class AccessLogViewSet(BaseViewSet):
    """Who read what of a patient."""

    entity = "patient"
    within = Patient
    serializer_class = AccessOut
    list_actions = ("access_log",)
    filterset_class = AccessFilters
    ordering_fields = ("happened_at",)
    ordering = ("-happened_at",)

    def access_log(self, request: Request, pk: uuid.UUID) -> Response:
        """Who read which of a patient's records and when, newest first; in an emergency also why.

        The patient's own readings are not listed.
        """
        self.patient = self.row_above()
        return self.page_of(reads_of(self.patient))

    def represent(self, row: Any, many: bool = False) -> Any:
        return super().represent(with_readers(row, patient=self.patient), many)
