"""The timeline: every event of a case, never changed and never deleted."""

from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.bookings.models.booking import Booking
from medivoy.core.audit import audited
from medivoy.core.models import Entry, kept


class EventKind(models.TextChoices):
    MOVED = "moved", _("Moved")
    ASSIGNED = "assigned", _("Assigned")
    DOCUMENT = "document", _("Document")
    QUOTATION = "quotation", _("Quotation")
    PAYMENT = "payment", _("Payment")
    REFUND = "refund", _("Refund")
    DATE = "date", _("Date")
    CALL = "call", _("Call")
    MESSAGE = "message", _("Message")
    NOTE = "note", _("Note")
    REMINDER = "reminder", _("Reminder")
    DELIVERY_FAILED = "delivery_failed", _("Delivery failed")


class Visibility(models.TextChoices):
    """Who reads it; each includes those below it in this list."""

    PATIENT = "patient", _("Patient")
    HOSPITAL = "hospital", _("Hospital")
    STAFF = "staff", _("Staff")


# What doctors never read of a case: offers and money.
OF_MONEY = (EventKind.QUOTATION, EventKind.PAYMENT, EventKind.REFUND, EventKind.REMINDER)


def only_words_erased() -> pgtrigger.Trigger:
    """Return the trigger that refuses every change of an event but one: that its words are emptied for good."""
    return pgtrigger.Trigger(
        name="append_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func="""
        IF OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL
            OR NEW.reason <> '' OR NEW.notes <> '' OR NEW.internal_notes <> ''
            OR to_jsonb(NEW) - ARRAY['erased_at', 'reason', 'notes', 'internal_notes']
               IS DISTINCT FROM to_jsonb(OLD) - ARRAY['erased_at', 'reason', 'notes', 'internal_notes'] THEN
            RAISE EXCEPTION 'an event of a timeline is never changed';
        END IF;
        RETURN NEW;
        """,
    )


class BookingEventQuerySet(models.QuerySet["BookingEvent"]):
    def visible_to(self, user: Any) -> Self:
        """The events of the user's bookings, as far as their role reads them."""
        events = self.filter(booking__in=Booking.objects.visible_to(user))
        if user.may("bookings.view_booking"):
            return events
        if user.has_role(Role.HOSPITAL_ADMIN):
            return events.filter(visibility__in=[Visibility.PATIENT, Visibility.HOSPITAL])
        events = events.filter(visibility=Visibility.PATIENT)
        return events.exclude(kind__in=OF_MONEY) if user.has_role(Role.DOCTOR) else events

    def for_list(self) -> Self:
        return self.select_related("actor")

    for_detail = for_list


class BookingEvent(Entry):
    """One event. `notes` is read by whoever sees the event, `internal_notes` by coordinators and admins only."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    visibility = models.CharField(max_length=20, choices=Visibility.choices, default=Visibility.PATIENT)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    from_status = models.CharField(max_length=50, blank=True)
    to_status = models.CharField(max_length=50, blank=True)
    reason = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    internal_notes = models.TextField(blank=True)
    # When the words above were emptied for a person who asked to be forgotten; nothing else of a row ever changes.
    erased_at = models.DateTimeField(null=True, blank=True)
    # Plain facts about the event: numbers, amounts as strings, ids; shown by kind.
    data = models.JSONField(default=dict, blank=True)

    objects = BookingEventQuerySet.as_manager()

    class Meta:
        db_table = "booking_events"
        ordering = ["created_at", "id"]
        triggers = [only_words_erased(), *kept(), audited("booking_event")]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=EventKind.values), name="booking_event_kind_is_known"),
            models.CheckConstraint(
                condition=models.Q(visibility__in=Visibility.values), name="booking_event_visibility_is_known"
            ),
        ]
        indexes = [models.Index(fields=["booking", "created_at"], name="booking_event_timeline")]

    def __str__(self) -> str:
        return f"{self.kind} {self.to_status}".strip()
