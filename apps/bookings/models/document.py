"""Documents that a case waits for."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.bookings.models.booking import Booking, OfBookingQuerySet
from apps.clinical.models import MedicalRecord, RecordType
from medivoy.core.audit import audited
from medivoy.core.models import Record


class WantedState(models.TextChoices):
    WANTED = "wanted", _("Wanted")
    RECEIVED = "received", _("Received")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    NOT_NEEDED = "not_needed", _("Not needed any more")


class WantedDocument(Record):
    """A document asked of the patient: of which type, and why."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="wanted_documents")
    type = models.CharField(_("kind"), max_length=50, choices=RecordType.choices)
    why = models.TextField(_("why"), blank=True)
    state = models.CharField(_("state"), max_length=20, choices=WantedState.choices, default=WantedState.WANTED)
    record = models.ForeignKey(MedicalRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField(null=True, blank=True)

    objects = OfBookingQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "wanted_documents"
        triggers = [*Record.Meta.triggers, audited("wanted_document", hidden=["type"])]
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=WantedState.values), name="wanted_document_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(type__in=RecordType.values), name="wanted_document_type_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} ({self.state})"
