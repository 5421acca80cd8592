"""Quotations: versions of an offer, frozen when they are accepted."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.bookings.models.booking import Booking, MoneyOfBookingQuerySet
from apps.bookings.states import QuotationStatus
from apps.hospitals.models import Doctor, Treatment
from medivoy.core import clock
from medivoy.core.audit import audited
from medivoy.core.models import Entry, Record, append_only
from medivoy.core.money import ZERO, CurrencyField, MoneyField

# Once sent, only its state, its times and the reason of a refusal change (T46).
FROZEN = (
    "quotation_number",
    "booking_id",
    "version_number",
    "currency",
    "subtotal",
    "tax_amount",
    "rounding",
    "total",
    "doctor_id",
    "treatment_id",
    "admission_date",
    "nights",
    "exclusions",
    "rests_on",
    "valid_until",
)


def frozen_once_sent() -> pgtrigger.Trigger:
    """Return the trigger that refuses to change what a version says once it has left the house."""
    old, new = (", ".join(f"{row}.{name}" for name in FROZEN) for row in ("OLD", "NEW"))
    return pgtrigger.Trigger(
        name="frozen_once_sent",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=(
            f"IF OLD.status <> 'draft' AND ({old}) IS DISTINCT FROM ({new}) THEN "
            "RAISE EXCEPTION 'quotation % is frozen', OLD.quotation_number; END IF; RETURN NEW;"
        ),
    )


def lines_frozen_once_sent() -> pgtrigger.Trigger:
    """Return the trigger that refuses to add, change or remove a line of a version that is no draft any more."""
    return pgtrigger.Trigger(
        name="frozen_once_sent",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("parent", "uuid")],
        func=(
            "parent := CASE WHEN TG_OP = 'DELETE' THEN OLD.quotation_id ELSE NEW.quotation_id END; "
            "IF EXISTS (SELECT 1 FROM quotations WHERE id = parent AND status <> 'draft') THEN "
            "RAISE EXCEPTION 'the lines of quotation % are frozen', parent; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
        ),
    )


class LineKind(models.TextChoices):
    INCLUDED = "included", _("Included")
    OPTIONAL = "optional", _("Optional")
    POSSIBLE_EXTRA = "possible_extra", _("Possible extra")


class QuotationQuerySet(MoneyOfBookingQuerySet["Quotation"]):
    def visible_to(self, user: Any) -> Self:
        """The versions of the user's bookings; drafts only for those who may make one."""
        versions = super().visible_to(user)
        return versions if user.may("booking.quotation") else versions.exclude(status=QuotationStatus.DRAFT)

    def for_list(self) -> Self:
        """With all that is shown of a version."""
        return self.select_related(
            "booking__hospital", "booking__patient__user", "doctor__user", "treatment"
        ).prefetch_related("lines")

    for_detail = for_list

    def ever_sent(self) -> Self:
        return self.exclude(sent_at=None)

    def current(self) -> Self:
        return self.filter(status=QuotationStatus.SENT)


class Quotation(Record):
    """One version of the offer on a booking. Totals are computed here from the lines; `version` is the row's own."""

    quotation_number = models.CharField(_("number"), max_length=50, unique=True)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="quotations", verbose_name=_("booking"))
    version_number = models.PositiveSmallIntegerField(_("version"))
    status = models.CharField(_("state"), max_length=20, choices=QuotationStatus.choices, default=QuotationStatus.DRAFT)
    currency = CurrencyField(_("currency"))
    subtotal = MoneyField(_("subtotal"), default=ZERO)
    tax_amount = MoneyField(_("tax"), default=ZERO)
    # What brings the total to the payable step; its own visible line.
    rounding = MoneyField(_("rounding"), default=ZERO)
    total = MoneyField(_("total"), default=ZERO)
    doctor = models.ForeignKey(
        Doctor, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("doctor")
    )
    # What an opinion comes to; the booking takes it over at acceptance.
    treatment = models.ForeignKey(
        Treatment, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("treatment")
    )
    admission_date = models.DateField(_("proposed admission"), null=True, blank=True)
    nights = models.PositiveSmallIntegerField(_("nights"), null=True, blank=True)
    exclusions = models.JSONField(_("not included"), default=list, blank=True)
    rests_on = models.TextField(_("rests on"), blank=True)
    valid_until = models.DateField(_("valid until"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    # When it was declined, expired, superseded or withdrawn.
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    decline_reason = models.TextField(_("reason it was declined"), blank=True)

    objects = QuotationQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "quotations"
        verbose_name = _("quotation")
        verbose_name_plural = _("quotations")
        ordering = ["version_number"]
        triggers = [
            *Record.Meta.triggers,
            audited("quotation"),
            frozen_once_sent(),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.UniqueConstraint(fields=["booking", "version_number"], name="one_quotation_per_version"),
            models.UniqueConstraint(
                fields=["booking"], condition=models.Q(status="sent"), name="one_sent_quotation_per_booking"
            ),
            models.UniqueConstraint(
                fields=["booking"], condition=models.Q(status="accepted"), name="one_accepted_quotation_per_booking"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=QuotationStatus.values), name="quotation_status_is_known"
            ),
            models.CheckConstraint(condition=models.Q(total__gte=0), name="quotation_total_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quotation_number} v{self.version_number}"

    def expires_at(self) -> datetime:
        """Return the end of `valid_until` at the hospital."""
        return clock.end_of_day(self.valid_until, self.booking.hospital.timezone)

    def has_expired(self) -> bool:
        return clock.now() >= self.expires_at()


class QuotationLineQuerySet(models.QuerySet["QuotationLine"]):
    def visible_to(self, user: Any) -> Self:
        """The lines of the versions that the user sees."""
        return self.filter(quotation__in=Quotation.objects.visible_to(user))


class QuotationLine(models.Model):
    """A line. Only included lines and chosen optional ones add up; a possible extra names a range."""

    quotation = models.ForeignKey(Quotation, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(_("description"), max_length=500)
    kind = models.CharField(_("kind"), max_length=20, choices=LineKind.choices, default=LineKind.INCLUDED)
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=2, default=1)
    unit_price = MoneyField(_("unit price"))
    # The upper end of a possible extra's range.
    unit_price_to = MoneyField(null=True, blank=True)
    tax_rate = models.DecimalField(_("tax rate"), max_digits=5, decimal_places=2, default=0)
    is_chosen = models.BooleanField(default=False)
    amount = MoneyField(_("amount"), default=ZERO)
    tax_amount = MoneyField(default=ZERO)

    objects = QuotationLineQuerySet.as_manager()

    class Meta:
        db_table = "quotation_lines"
        ordering = ["position"]
        triggers = [audited("quotation_line", hidden=["description"]), lines_frozen_once_sent()]
        constraints = [
            models.UniqueConstraint(fields=["quotation", "position"], name="one_quotation_line_per_position"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="quotation_line_quantity_positive"),
            models.CheckConstraint(
                condition=models.Q(tax_rate__gte=0, tax_rate__lte=100), name="quotation_line_tax_is_a_share"
            ),
        ]
        verbose_name = _("quotation line")
        verbose_name_plural = _("quotation lines")

    def __str__(self) -> str:
        return self.description

    @property
    def counts(self) -> bool:
        """Whether the line adds to the total."""
        return self.kind == LineKind.INCLUDED or (self.kind == LineKind.OPTIONAL and self.is_chosen)

    def net(self) -> Decimal:
        return self.quantity * self.unit_price


class QuotationAcceptanceQuerySet(models.QuerySet["QuotationAcceptance"]):
    def visible_to(self, user: Any) -> Self:
        """Staff see them all; everyone else what they accepted themselves."""
        return self if user.may("bookings.view_quotation") else self.filter(person=user)


class QuotationAcceptance(Entry):
    """That a version was accepted: by whom, in which capacity, when, from where, in which language."""

    class Capacity(models.TextChoices):
        PATIENT = "patient", _("Patient")
        COORDINATOR = "coordinator", _("Coordinator on the patient's behalf")

    quotation = models.OneToOneField(Quotation, on_delete=models.PROTECT, related_name="acceptance")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    capacity = models.CharField(max_length=20, choices=Capacity.choices)
    channel = models.CharField(max_length=50, blank=True)
    proof = models.TextField(blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    language = models.CharField(max_length=10)

    objects = QuotationAcceptanceQuerySet.as_manager()

    class Meta:
        db_table = "quotation_acceptances"
        triggers = [*append_only(), audited("quotation_acceptance")]

    def __str__(self) -> str:
        return f"{self.quotation} · {self.person}"
