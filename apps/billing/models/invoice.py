"""Invoices and credit notes: issued once, never changed after; the database refuses."""

from typing import Any, Self

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.billing.states import InvoiceState
from apps.bookings.models import Booking
from apps.clinical.models import Patient
from apps.hospitals.models import Hospital
from medivoy.core.audit import audited
from medivoy.core.models import Entry, Record, append_only, no_truncate, touch
from medivoy.core.money import ZERO, CurrencyField, MoneyField


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def visible_to(self, user: Any) -> Self:
        """A patient's own, a hospital's; coordinators and admins see all; nobody else any."""
        if user.may("billing.view_invoice"):
            return self
        if user.has_role(Role.PATIENT):
            return self.filter(patient__user=user)
        if user.has_role(Role.HOSPITAL_ADMIN):
            return self.filter(hospital__admin_user=user)
        return self.none()

    def for_list(self) -> Self:
        return self.select_related("booking", "hospital").prefetch_related("lines", "credit_notes")

    def for_detail(self) -> Self:
        return self.for_list().select_related("patient__user")

    def to_be_paid(self) -> Self:
        return self.filter(status__in=[InvoiceState.ISSUED, InvoiceState.SENT])


class Invoice(Record):
    """The invoice of a booking, in `currency`. Issuer and bill-to are copies made at issue.

    total_amount is before tax and discount, final_amount what is to be paid (the agreed total).
    """

    invoice_number = models.CharField(_("number"), max_length=50, unique=True)
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="invoice", verbose_name=_("booking"))
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("patient"))
    hospital = models.ForeignKey(
        Hospital, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("hospital")
    )
    issuer_code = models.CharField(_("issuer code"), max_length=8)
    issuer = models.JSONField(_("issuer"))
    bill_to = models.JSONField(_("bill to"))
    total_amount = MoneyField(_("net"))
    tax_amount = MoneyField(_("tax"), default=ZERO)
    discount_amount = MoneyField(_("discount"), default=ZERO)
    final_amount = MoneyField(_("total"))
    currency = CurrencyField(_("currency"))
    invoice_date = models.DateField(_("date"))
    due_date = models.DateField(_("due"))
    status = models.CharField(_("state"), max_length=20, choices=InvoiceState.choices, default=InvoiceState.DRAFT)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)

    objects = InvoiceQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "invoices"
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=InvoiceState.values), name="invoice_status_is_known"),
            models.CheckConstraint(
                condition=models.Q(
                    final_amount=models.F("total_amount") + models.F("tax_amount") - models.F("discount_amount")
                ),
                name="invoice_adds_up",
            ),
        ]
        triggers = [
            touch(),
            audited("invoice"),
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            no_truncate(),
            pgtrigger.Protect(
                name="frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["status", "sent_at", "paid_at", "version", "updated_at"]),
            ),
            pgtrigger.Protect(
                name="stays_issued",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__status="draft") & ~pgtrigger.Q(old__status="draft"),
            ),
        ]

    def __str__(self) -> str:
        return self.invoice_number


class LineKind(models.TextChoices):
    ITEM = "item", _("Item")
    ROUNDING = "rounding", _("Rounding")


class OfInvoiceQuerySet(models.QuerySet[Any]):
    """Of rows that belong to an invoice."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(invoice__in=Invoice.objects.visible_to(user))


class InvoiceLine(models.Model):
    """A line of an invoice: what was agreed, or what brings the total to the payable step. Written while it is a draft.

    `amount` is before tax, `tax_amount` the line's share of the invoice's tax.
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=LineKind.choices, default=LineKind.ITEM)
    description = models.CharField(_("description"), max_length=500, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=2, default=1)
    unit_price = MoneyField(_("unit price"))
    tax_rate = models.DecimalField(_("tax rate"), max_digits=5, decimal_places=2, default=0)
    amount = MoneyField(_("amount"))
    tax_amount = MoneyField(_("tax"), default=ZERO)

    objects = OfInvoiceQuerySet.as_manager()

    class Meta:
        db_table = "invoice_lines"
        ordering = ["position"]
        triggers = [
            audited("invoice_line", hidden=["description"]),
            *append_only(),
            pgtrigger.Trigger(
                name="only_in_draft",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=(
                    "IF (SELECT status FROM invoices WHERE id = NEW.invoice_id) <> 'draft' THEN "
                    "RAISE EXCEPTION 'an issued invoice gets no more lines'; END IF; RETURN NEW;"
                ),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="one_invoice_line_per_position"),
        ]
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")

    def __str__(self) -> str:
        return self.description


class CreditNote(Entry):
    """What is taken off an issued invoice, naming it."""

    credit_note_number = models.CharField(_("number"), max_length=50, unique=True)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    amount = MoneyField(_("amount"))
    tax_amount = MoneyField(_("of which tax"), default=ZERO)
    currency = CurrencyField(_("currency"))
    credit_date = models.DateField(_("date"))
    reason = models.CharField(_("reason"), max_length=255)

    objects = OfInvoiceQuerySet.as_manager()

    class Meta:
        db_table = "credit_notes"
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        triggers = [*append_only(), audited("credit_note", hidden=["reason"])]
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="credit_note_amount_positive")]

    def __str__(self) -> str:
        return self.credit_note_number
