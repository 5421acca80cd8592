"""The money buttons of a case: the same table as apps/bookings/admin/actions.py, calling billing's services."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.billing.admin import forms
from apps.billing.models import GatewayCode, Invoice
from apps.billing.services import (
    adjustments,
    bank_transfers,
    cancellation,
    invoices,
    milestones,
    mismatches,
    payments,
    refunds,
)
from apps.bookings.admin.actions import CaseAction, Press, Preview
from apps.bookings.admin.forms import CancelForm
from apps.bookings.models import Milestone
from apps.bookings.services.money import amount_due
from medivoy.core.errors import GuardFailed
from medivoy.core.money import format_amount


def _cancel_terms(press: Press) -> Preview:
    terms = cancellation.preview(press.booking, party=press.data["party"], reason=press.data["reason"])
    lines: list[dict[str, Any]] = [{"label": _("Policy"), "amount": None, "text": terms.policy_name}]
    if terms.confirmed_date is not None:
        lines.append({"label": _("Days before admission"), "amount": None, "text": terms.days_before})
    for rule in terms.rules:
        label = _("From %(days)d days before: %(percent)s %% back") % {"days": rule.min_days, "percent": rule.percent}
        lines.append({"label": label, "amount": None, "text": _("applies") if rule.applies else "—"})
    lines += [
        {"label": _("Paid"), "amount": terms.paid},
        {"label": _("Kept"), "amount": terms.kept},
        {"label": _("Refund"), "amount": terms.refund},
    ]
    lines += [
        {
            "label": f"{share.payment.transaction_id} · {share.payment.get_payment_gateway_display()}",
            "amount": share.amount,
        }
        for share in terms.by_payment
    ]
    if terms.refund_with_proof is not None:
        lines.append({"label": _("Refund once the document is checked"), "amount": terms.refund_with_proof})
    return Preview(lines, terms.currency, token=format_amount(terms.refund, terms.currency))


def _cancel(press: Press) -> Any:
    return cancellation.cancel_booking(
        press.booking,
        actor=press.user,
        party=press.data["party"],
        reason=press.data["reason"],
        expected_refund=Decimal(press.data["confirmed"]),
        expected_status=press.expected_status,
    )


def _receipt_effect(press: Press) -> Preview:
    booking, amount = press.booking, press.data["amount"]
    steps = list(Milestone.objects.visible_to(press.user).filter(booking=booking))
    lines = [
        {"label": _("Due now"), "amount": amount_due(booking, steps)},
        {"label": _("Received"), "amount": amount},
        {"label": _("Balance afterwards"), "amount": booking.balance - amount},
    ]
    reached, covered = Decimal(0), booking.net_paid + booking.amount_adjusted + amount
    for step in steps:
        reached += step.amount
        settled = _("will be met") if covered >= reached else _("stays due")
        lines.append({"label": step.label, "amount": None, "text": settled})
    token = f"{format_amount(amount, booking.currency)}/{format_amount(booking.balance, booking.currency)}"
    return Preview(lines, booking.currency, token=token)


def _record_receipt(press: Press) -> Any:
    fields = {name: press.data[name] for name in ("value_date", "sender", "reference", "amount", "currency", "proof")}
    announced = press.booking.payments.open().filter(payment_gateway=GatewayCode.BANK_TRANSFER).first()
    if announced is not None:
        payment = bank_transfers.confirm(announced, actor=press.user, **fields)
    else:
        receipt = bank_transfers.record_receipt(actor=press.user, **fields)
        payment = bank_transfers.apply_receipt(receipt, press.booking, actor=press.user)
    return _("Received.") if not payment.is_open else _("Kept. A second person has to confirm it.")


def _payment_link(press: Press) -> str:
    gateway = GatewayCode.SANDBOX if settings.SANDBOX_GATEWAY else GatewayCode.BANK_TRANSFER
    started = payments.start_payment(press.booking, actor=press.user, gateway=gateway)
    address = started.payment.client_data.get("checkout_url", "")
    return _("The link to pay: %(address)s") % {"address": address} if address else _("The transfer was announced.")


def _waive(press: Press) -> Any:
    return milestones.waive_milestone(press.data["milestone"], actor=press.user, reason=press.data["reason"])


def _refund(press: Press) -> Any:
    return refunds.request_refund(
        press.data["payment"], actor=press.user, amount=press.data["amount"], reason=press.data["reason"]
    )


def _resend_invoice(press: Press) -> Any:
    invoice = Invoice.objects.visible_to(press.user).filter(booking=press.booking).first()
    if invoice is None:
        raise GuardFailed(_("There is no invoice yet."), code="no_invoice")
    return invoices.send_invoice(invoice, actor=press.user)


MONEY = [
    CaseAction(
        "cancelled",
        gettext_lazy("Cancel"),
        "booking.destroy",
        _cancel,
        CancelForm,
        preview=_cancel_terms,
        is_danger=True,
        done=gettext_lazy("The booking is cancelled."),
    ),
    CaseAction(
        "record_receipt",
        gettext_lazy("Record a receipt"),
        "payment.confirm",
        _record_receipt,
        forms.ReceiptForm,
        preview=_receipt_effect,
    ),
    CaseAction(
        "payment_link",
        gettext_lazy("Payment link"),
        "payment.create",
        _payment_link,
        forms.PaymentLinkForm,
        own_transactions=True,
    ),
    CaseAction(
        "adjust",
        gettext_lazy("Adjust"),
        "payment.confirm",
        lambda press: adjustments.adjust(
            press.booking,
            actor=press.user,
            kind=press.data["kind"],
            amount=press.data["amount"],
            reason=press.data["reason"],
        ),
        forms.AdjustForm,
    ),
    CaseAction("waive", gettext_lazy("Waive a milestone"), "milestone.waive", _waive, forms.WaiveForm),
    CaseAction("refund", gettext_lazy("Refund"), "payment.refund", _refund, forms.RefundForm),
    CaseAction(
        "approve_refund",
        gettext_lazy("Approve a refund"),
        "refund.approve",
        lambda press: refunds.approve_refund(press.data["refund"], actor=press.user),
        forms.ApproveRefundForm,
    ),
    CaseAction(
        "reject_refund",
        gettext_lazy("Reject a refund"),
        "refund.approve",
        lambda press: refunds.reject_refund(press.data["refund"], actor=press.user, reason=press.data["reason"]),
        forms.RejectRefundForm,
    ),
    CaseAction(
        "retry_refund",
        gettext_lazy("Retry a refund"),
        "payment.refund",
        lambda press: refunds.retry_refund(press.data["refund"], actor=press.user),
        forms.RetryRefundForm,
    ),
    CaseAction(
        "refund_by_bank",
        gettext_lazy("Refunded by bank"),
        "payment.refund",
        lambda press: refunds.complete_by_hand(
            press.data["refund"], actor=press.user, reference=press.data["reference"]
        ),
        forms.RefundByBankForm,
    ),
    CaseAction(
        "set_aside",
        gettext_lazy("Set the mismatch aside"),
        "payment.confirm",
        lambda press: mismatches.set_aside(press.data["payment"], actor=press.user, reason=press.data["reason"]),
        forms.SetAsideForm,
    ),
    CaseAction(
        "accept_proof",
        gettext_lazy("Accept the proof"),
        "payment.confirm",
        lambda press: cancellation.accept_cancellation_proof(
            press.booking, actor=press.user, proof=press.data["proof"]
        ),
        forms.ProofForm,
    ),
    CaseAction(
        "refuse_proof",
        gettext_lazy("Refuse the proof"),
        "payment.confirm",
        lambda press: cancellation.refuse_cancellation_proof(
            press.booking, actor=press.user, reason=press.data["reason"]
        ),
        forms.RefuseProofForm,
    ),
    CaseAction(
        "resend_invoice",
        gettext_lazy("Resend the invoice"),
        "invoice.send",
        _resend_invoice,
        forms.ResendInvoiceForm,
        done=gettext_lazy("The invoice is on its way."),
    ),
]
