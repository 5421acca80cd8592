"""The journeys of money as data: payments, refunds, invoices, gateway events."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import read_letters
from medivoy.core.states import Machine, Move


class PaymentState(models.TextChoices):
    PENDING = "pending", _("Pending")
    PROCESSING = "processing", _("Processing")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_PAYMENT_STATES = (PaymentState.PENDING, PaymentState.PROCESSING)

# `completed` never goes back; failed and cancelled yield to a proven capture: late money is still money.
PAYMENT = Machine(
    "payment",
    PaymentState.values,
    [
        Move((PaymentState.PENDING,), PaymentState.PROCESSING, read_letters("system C A")),
        Move(
            (PaymentState.PENDING, PaymentState.PROCESSING, PaymentState.FAILED, PaymentState.CANCELLED),
            PaymentState.COMPLETED,
            read_letters("system C A"),
            _("a capture proven by the gateway, or a bank receipt"),
        ),
        Move((PaymentState.PENDING, PaymentState.PROCESSING), PaymentState.FAILED, read_letters("system")),
        Move((PaymentState.PENDING, PaymentState.PROCESSING), PaymentState.CANCELLED, read_letters("system P C A")),
    ],
)


class RefundState(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    APPROVED = "approved", _("Approved")
    PROCESSING = "processing", _("Processing")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    REJECTED = "rejected", _("Rejected")


REFUND = Machine(
    "refund",
    RefundState.values,
    [
        Move((RefundState.REQUESTED,), RefundState.APPROVED, read_letters("system A"), _("another person than asked")),
        Move(
            (RefundState.REQUESTED, RefundState.FAILED),
            RefundState.REJECTED,
            read_letters("system A"),
            _("a reason, or the cancellation that decides anew"),
        ),
        Move((RefundState.APPROVED, RefundState.FAILED), RefundState.PROCESSING, read_letters("system C A")),
        # A failed one that a person then sends by bank, or that the gateway reports after all.
        Move((RefundState.PROCESSING, RefundState.FAILED), RefundState.COMPLETED, read_letters("system C A")),
        Move((RefundState.PROCESSING,), RefundState.FAILED, read_letters("system")),
    ],
)


class InvoiceState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ISSUED = "issued", _("Issued")
    SENT = "sent", _("Sent")
    PAID = "paid", _("Paid")
    OVERDUE = "overdue", _("Overdue")
    VOID = "void", _("Void")


INVOICE = Machine(
    "invoice",
    InvoiceState.values,
    [
        Move((InvoiceState.DRAFT,), InvoiceState.ISSUED, read_letters("system C A")),
        Move((InvoiceState.ISSUED,), InvoiceState.SENT, read_letters("system C A")),
        Move((InvoiceState.ISSUED, InvoiceState.SENT, InvoiceState.OVERDUE), InvoiceState.PAID, read_letters("system")),
        Move((InvoiceState.ISSUED, InvoiceState.SENT), InvoiceState.OVERDUE, read_letters("system")),
        Move(
            (InvoiceState.ISSUED, InvoiceState.SENT, InvoiceState.PAID, InvoiceState.OVERDUE),
            InvoiceState.VOID,
            read_letters("system"),
            _("credited in full"),
        ),
    ],
)


class EventOutcome(models.TextChoices):
    STORED = "stored", _("Stored")
    APPLIED = "applied", _("Applied")
    IGNORED = "ignored", _("Nothing to do")
    PARKED = "parked", _("Unknown payment")
    MISMATCH = "mismatch", _("Mismatch, held for a person")
    FAILED = "failed", _("Failed, tried again")
