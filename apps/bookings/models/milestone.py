"""What is due when, and what is forgiven: the agreed total cut into steps, and corrections with a reason."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.bookings.models.booking import Booking, ForStaffQuerySet, MoneyOfBookingQuerySet
from apps.bookings.states import BookingStatus
from medivoy.core.audit import audited
from medivoy.core.models import Entry, Record, append_only
from medivoy.core.money import MoneyField


class MilestoneState(models.TextChoices):
    DUE = "due", _("Due")
    MET = "met", _("Met")
    WAIVED = "waived", _("Waived")


class Milestone(Record):
    """A part of the agreed total with its due date, and the move that needs it paid."""

    NEEDED_FOR = [
        (BookingStatus.TRAVEL_ARRANGEMENT.value, BookingStatus.TRAVEL_ARRANGEMENT.label),
        (BookingStatus.IN_TREATMENT.value, BookingStatus.IN_TREATMENT.label),
    ]

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=100)
    amount = MoneyField(_("amount"))
    due_date = models.DateField(_("due"))
    # Due so many days before admission, and moved with it; empty: a date of its own.
    days_before = models.PositiveSmallIntegerField(null=True, blank=True)
    needed_for = models.CharField(_("needed for"), max_length=50, choices=NEEDED_FOR, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=MilestoneState.choices, default=MilestoneState.DUE)
    met_at = models.DateTimeField(null=True, blank=True)
    waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    waive_reason = models.TextField(blank=True)

    objects = MoneyOfBookingQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "milestones"
        triggers = [*Record.Meta.triggers, audited("milestone")]
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["booking", "position"], name="one_milestone_per_position"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="milestone_not_negative"),
            models.CheckConstraint(
                condition=models.Q(state__in=MilestoneState.values), name="milestone_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language at work, where it is one of ours."""
        return gettext(self.name)


class AdjustmentKind(models.TextChoices):
    BANK_FEE = "bank_fee", _("Bank fee")
    ROUNDING = "rounding", _("Rounding")
    GOODWILL = "goodwill", _("Goodwill")
    WRITE_OFF = "write_off", _("Write-off")


class Adjustment(Entry):
    """A correction of what is owed, in the booking's currency: positive lowers the balance, negative raises it."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="adjustments")
    kind = models.CharField(max_length=20, choices=AdjustmentKind.choices)
    amount = MoneyField()
    reason = models.TextField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ForStaffQuerySet.as_manager()

    class Meta:
        db_table = "adjustments"
        triggers = [*append_only(), audited("adjustment")]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=AdjustmentKind.values), name="adjustment_kind_is_known"),
            models.CheckConstraint(condition=~models.Q(amount=0), name="adjustment_is_not_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
