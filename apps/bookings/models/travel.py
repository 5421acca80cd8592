"""The journey's arrangements, and the checklist that stands for them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.bookings.models.booking import Booking, OfBookingQuerySet
from medivoy.core.audit import audited
from medivoy.core.models import Record


class VisaStatus(models.TextChoices):
    TO_DO = "to_do", _("To do")
    NOT_NEEDED = "not_needed", _("Not needed")
    APPLIED = "applied", _("Applied for")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")


class ItemStatus(models.TextChoices):
    TO_DO = "to_do", _("To do")
    NOT_NEEDED = "not_needed", _("Not needed")
    DONE = "done", _("Done")


class TravelPlan(Record):
    """Visa, flights, transfers and accommodation of one booking; each with its state and its details."""

    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="travel_plan")
    visa_status = models.CharField(_("visa"), max_length=20, choices=VisaStatus.choices, default=VisaStatus.TO_DO)
    visa = models.JSONField(default=dict, blank=True)
    flights_status = models.CharField(_("flights"), max_length=20, choices=ItemStatus.choices, default=ItemStatus.TO_DO)
    flights = models.JSONField(default=list, blank=True)
    transfers_status = models.CharField(
        _("transfers"), max_length=20, choices=ItemStatus.choices, default=ItemStatus.TO_DO
    )
    transfers = models.JSONField(default=list, blank=True)
    accommodation_status = models.CharField(
        _("accommodation"), max_length=20, choices=ItemStatus.choices, default=ItemStatus.TO_DO
    )
    accommodation = models.JSONField(default=dict, blank=True)
    # When it last came to wait on the embassy, or was last complete: whose turn it is since then.
    changed_at = models.DateTimeField(null=True, blank=True)

    objects = OfBookingQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "travel_plans"
        triggers = [*Record.Meta.triggers, audited("travel_plan")]

    def __str__(self) -> str:
        return f"travel of {self.booking_id}"

    def checklist(self) -> dict[str, str]:
        """Return the four items with their states."""
        return {
            "visa": self.visa_status,
            "flights": self.flights_status,
            "transfers": self.transfers_status,
            "accommodation": self.accommodation_status,
        }

    def waits_on_embassy(self) -> bool:
        return self.visa_status == VisaStatus.APPLIED

    def is_complete(self) -> bool:
        done = {VisaStatus.GRANTED, ItemStatus.DONE, ItemStatus.NOT_NEEDED}
        return all(state in done for state in self.checklist().values())
