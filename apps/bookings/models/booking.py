"""The booking: one patient's case at one hospital, from request to feedback."""

from datetime import date
from decimal import Decimal
from typing import Any, Self, TypeVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.bookings.states import (
    ENDED,
    BookingStatus,
    CancelReason,
    HoldReason,
    Outcome,
    Party,
    PaymentStatus,
    WaitingOn,
)
from apps.clinical.models import Patient
from apps.hospitals.models import Doctor, Hospital, Package, Treatment
from medivoy.core import clock
from medivoy.core.audit import audited
from medivoy.core.models import Record
from medivoy.core.money import ZERO, CurrencyField, MoneyField

Row = TypeVar("Row", bound=models.Model)


class BookingType(models.TextChoices):
    TREATMENT = "treatment", _("Treatment")
    PACKAGE = "package", _("Package")
    OPINION = "opinion", _("Opinion")


class BookingQuerySet(models.QuerySet["Booking"]):
    def visible_to(self, user: Any) -> Self:
        """A patient's own, a doctor's where they treat, a hospital's; coordinators and admins see all."""
        if user.may("bookings.view_booking"):
            return self
        if user.has_role(Role.PATIENT):
            return self.filter(patient__user=user)
        if user.has_role(Role.HOSPITAL_ADMIN):
            return self.filter(hospital__admin_user=user)
        if user.has_role(Role.DOCTOR):
            return self.filter(doctor__user=user, doctor__is_verified=True, doctor__is_active=True)
        return self.none()

    def open(self) -> Self:
        """Cases that still wait on somebody or something."""
        return self.exclude(status__in=ENDED)

    def overdue(self) -> Self:
        return self.filter(due_at__lt=clock.now())

    def waiting_on(self, party: str) -> Self:
        return self.filter(waiting_on=party)

    def to_follow_up(self, before: Any) -> Self:
        return self.filter(follow_up_at__lt=before)

    def passed_in_emergency(self) -> Self:
        """Cases that went past a payment gate with a reason, until what was owed there is settled."""
        settled = models.Q(payment_status__in=[PaymentStatus.PAYMENT_COMPLETED, PaymentStatus.OVERPAID])
        return self.exclude(override_reason="").exclude(settled | models.Q(status=BookingStatus.CANCELLED))

    def for_list(self) -> Self:
        """With the rows that a list shows beside each booking."""
        return self.select_related(
            "patient__user", "hospital__admin_user", "treatment", "package", "coordinator", "doctor__user"
        )

    def for_detail(self) -> Self:
        return self.for_moves().prefetch_related(
            "wanted_documents", "quotations__doctor__user", "quotations__treatment"
        )

    def for_moves(self) -> Self:
        """With all that allowed_transitions reads."""
        return (
            self.for_list().select_related("review", "travel_plan").prefetch_related("milestones", "quotations__lines")
        )


class OfBookingQuerySet(models.QuerySet[Row]):
    """Of rows that belong to a booking and are there for whomever it is there for."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(booking__in=Booking.objects.visible_to(user))


class MoneyOfBookingQuerySet(OfBookingQuerySet[Row]):
    """Of rows that say what a booking costs: never for doctors."""

    def visible_to(self, user: Any) -> Self:
        return super().visible_to(user) if user.may("booking.quotations") else self.none()


class ForStaffQuerySet(OfBookingQuerySet[Row]):
    """Of rows with words that were meant for staff alone."""

    def visible_to(self, user: Any) -> Self:
        return super().visible_to(user) if user.may("bookings.view_booking") else self.none()


class Booking(Record):
    """One case. `status` is the journey and `payment_status` the money; services alone write either.

    All amounts are in `currency`. `amount_paid` and `amount_refunded` are written by billing under this row's lock.
    """

    booking_number = models.CharField(_("number"), max_length=50, unique=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("patient"))
    hospital = models.ForeignKey(
        Hospital, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("hospital")
    )
    treatment = models.ForeignKey(
        Treatment, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("treatment")
    )
    package = models.ForeignKey(
        Package, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("package")
    )
    doctor = models.ForeignKey(
        Doctor, on_delete=models.PROTECT, null=True, blank=True, related_name="bookings", verbose_name=_("doctor")
    )
    booking_type = models.CharField(_("kind"), max_length=50, choices=BookingType.choices)
    status = models.CharField(_("state"), max_length=50, choices=BookingStatus.choices, default=BookingStatus.REQUESTED)
    status_since = models.DateTimeField(_("in this state since"), default=clock.now)
    held_from = models.CharField(_("held from"), max_length=50, choices=BookingStatus.choices, blank=True)
    # When it came to the state that it was held from: resuming shifts no date, so that state began then.
    held_from_since = models.DateTimeField(_("held since"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    requested_date = models.DateField(_("wished date"), null=True, blank=True)
    confirmed_date = models.DateField(_("admission date"), null=True, blank=True)
    travellers = models.PositiveSmallIntegerField(_("travellers"), default=1)

    total_amount = MoneyField(_("agreed"), null=True, blank=True)
    currency = CurrencyField(_("currency"))
    payment_status = models.CharField(
        _("payment"), max_length=50, choices=PaymentStatus.choices, default=PaymentStatus.UNPAID
    )
    amount_paid = MoneyField(_("paid"), default=ZERO)
    amount_refunded = MoneyField(_("refunded"), default=ZERO)
    amount_adjusted = MoneyField(_("adjusted"), default=ZERO)
    # What the hospital keeps after a cancellation; it takes the place of the agreed total.
    amount_kept = MoneyField(_("kept"), null=True, blank=True)
    commission_percent = models.DecimalField(_("commission"), max_digits=5, decimal_places=2, null=True, blank=True)
    # The cancellation policy as agreed: {"name", "tiers": [{"min_days", "percent"}]}.
    policy_agreed = models.JSONField(_("agreed policy"), null=True, blank=True)
    # When the invoice was issued; written by billing, empty again once it is credited in full.
    invoiced_at = models.DateTimeField(_("invoiced"), null=True, blank=True)
    # A bank transfer is announced and not yet confirmed: somebody has to look at the bank account.
    transfer_open_since = models.DateTimeField(_("transfer open since"), null=True, blank=True)

    medical_details = models.JSONField(_("medical details"), default=dict, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    internal_notes = models.TextField(_("internal notes"), blank=True)
    coordinator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("coordinator"),
    )
    assigned_at = models.DateTimeField(_("assigned"), null=True, blank=True)

    waiting_on = models.CharField(
        _("waiting on"), max_length=20, choices=WaitingOn.choices, default=WaitingOn.COORDINATOR
    )
    waiting_since = models.DateTimeField(_("waiting since"), null=True, blank=True)
    amber_at = models.DateTimeField(_("amber at"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    follow_up_at = models.DateTimeField(_("follow up"), null=True, blank=True)
    follow_up_note = models.CharField(_("follow-up note"), max_length=255, blank=True)

    hold_reason = models.CharField(_("hold reason"), max_length=20, choices=HoldReason.choices, blank=True)
    review_on = models.DateField(_("review on"), null=True, blank=True)
    cancel_party = models.CharField(_("cancelled by"), max_length=20, choices=Party.choices, blank=True)
    cancel_reason = models.CharField(_("cancel reason"), max_length=30, choices=CancelReason.choices, blank=True)
    # visa_refused and medically_unfit give a better share once a coordinator has checked the paper that proves it.
    cancel_proof_wanted = models.BooleanField(_("proof to check"), default=False)
    override_reason = models.TextField(_("emergency override"), blank=True)

    admitted_on = models.DateField(_("admitted"), null=True, blank=True)
    discharged_on = models.DateField(_("discharged"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=30, choices=Outcome.choices, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "bookings"
        triggers = [
            *Record.Meta.triggers,
            audited("booking", hidden=["outcome", "hold_reason", "cancel_reason", "follow_up_note"]),
        ]
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=BookingStatus.values), name="booking_status_is_known"),
            models.CheckConstraint(
                condition=models.Q(payment_status__in=PaymentStatus.values), name="booking_payment_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(waiting_on__in=WaitingOn.values), name="booking_waits_on_a_party"
            ),
            models.CheckConstraint(
                condition=models.Q(status="on_hold") ^ models.Q(held_from=""), name="booking_held_from_a_state"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    amount_paid__gte=0, amount_refunded__gte=0, amount_refunded__lte=models.F("amount_paid")
                ),
                name="booking_refunds_within_payments",
            ),
            models.CheckConstraint(condition=models.Q(total_amount__gte=0), name="booking_total_not_negative"),
            models.CheckConstraint(
                condition=models.Q(amount_kept__gte=0, amount_kept__lte=models.F("amount_paid"))
                | models.Q(amount_kept=None),
                name="booking_keeps_no_more_than_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["waiting_on", "due_at"], name="booking_whose_turn"),
            models.Index(fields=["coordinator", "status"], name="booking_cases_of"),
            models.Index(fields=["status", "status_since"], name="booking_age_in_state"),
            models.Index(
                fields=["follow_up_at"], condition=models.Q(follow_up_at__isnull=False), name="booking_follow_ups"
            ),
            models.Index(fields=["-created_at", "-id"], name="booking_newest_first"),
            # The search by a part of the number, in any case.
            GinIndex(OpClass(Upper("booking_number"), name="gin_trgm_ops"), name="booking_number_trigrams"),
        ]

    def __str__(self) -> str:
        return self.booking_number

    @property
    def net_paid(self) -> Decimal:
        """Completed payments less completed refunds."""
        return self.amount_paid - self.amount_refunded

    @property
    def balance(self) -> Decimal:
        """What the payer still owes; below zero what is owed to them (domain.md, Money: the one formula)."""
        agreed = self.amount_kept if self.amount_kept is not None else self.total_amount
        return (agreed or ZERO) - self.amount_adjusted - self.net_paid

    @property
    def is_open(self) -> bool:
        return self.status not in ENDED

    @property
    def has_ended_in_death(self) -> bool:
        """Nothing automatic is sent any more."""
        return self.outcome == Outcome.DIED or self.cancel_reason == CancelReason.DEATH

    @property
    def stage(self) -> str:
        """The state of the journey; while held, the one that it was held from."""
        return self.held_from or self.status

    def local_today(self) -> date:
        """Return today's date at the hospital."""
        return clock.today(self.hospital.timezone)
