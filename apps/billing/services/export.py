"""A person's copy of all that is held on them, across all apps: the worker's side of apps/accounts/services/export.py.

Everything in it is asked for by whose it is, never by a role's reach: staff take away their own account alone.
"""

import logging
from collections.abc import Iterator
from typing import IO, Any

from apps.accounts.models import AccountExport, User
from apps.accounts.services.export import add_account, claim_export, keep_file
from apps.billing.documents.credit_note import credit_note_pdf
from apps.billing.documents.invoice import invoice_pdf
from apps.billing.documents.receipt import receipt_pdf
from apps.billing.models import Invoice, Payment, Receipt
from apps.billing.states import RefundState
from apps.bookings.services.export import add_cases
from apps.clinical.models import Patient
from apps.clinical.services.export import add_clinical
from apps.hospitals.services.export import add_catalogue
from apps.notifications.services.export import add_notifications
from medivoy.core.archive import Archive, scratch_file
from medivoy.core.money import format_amount

logger = logging.getLogger(__name__)


def make_exports() -> int:
    """Make the copies that people wait for; return how many. Safe to run twice at once: each is claimed.

    One that breaks is tried again later, and keeps no other waiting.
    """
    made = 0
    while (export := claim_export()) is not None:
        try:
            made += _make(export)
        except Exception:  # whatever it is, the row waits for its next attempt
            logger.exception("export %s", export.pk)
    return made


def write_export(user: User, target: IO[bytes]) -> None:
    """Write all that is held on `user` into `target` as a ZIP."""
    archive = Archive(target)
    add_account(archive, user)
    add_notifications(archive, user)
    add_catalogue(archive, user)
    patient = Patient.objects.select_related("user").filter(user=user).first()
    if patient is not None:
        add_clinical(archive, patient)
        add_cases(archive, patient)
        _add_money(archive, patient)
    archive.close()


def _make(export: AccountExport) -> bool:
    with scratch_file() as target:
        write_export(export.user, target)
        target.seek(0)
        return keep_file(export, target)


def _add_money(archive: Archive, patient: Patient) -> None:
    language = patient.user.preferred_language
    archive.add_rows("payments.json", _payments(patient))
    invoices = Invoice.objects.for_detail().filter(patient=patient).order_by("created_at")
    archive.add_rows("invoices.json", (_invoice(invoice) for invoice in invoices))
    for invoice in invoices:
        archive.add_bytes(f"invoices/{invoice.invoice_number}.pdf", invoice_pdf(invoice, language))
        for note in invoice.credit_notes.all():
            archive.add_bytes(f"invoices/{note.credit_note_number}.pdf", credit_note_pdf(note, language))
    receipts = Receipt.objects.filter(payment__patient=patient)
    for receipt in receipts.select_related("payment__booking__hospital", "payment__booking__patient__user"):
        archive.add_bytes(f"receipts/{receipt.receipt_number}.pdf", receipt_pdf(receipt, language))


def _payments(patient: Patient) -> Iterator[dict[str, Any]]:
    payments = Payment.objects.filter(patient=patient).for_list().order_by("created_at")
    for payment in payments:
        receipt = getattr(payment, "receipt", None)
        yield {
            "transaction_id": payment.transaction_id,
            "booking_id": payment.booking_id,
            "amount": format_amount(payment.amount, payment.currency),
            "currency": payment.currency,
            "payment_method": payment.payment_method,
            "payment_gateway": payment.payment_gateway,
            "gateway_transaction_id": payment.gateway_transaction_id,
            "status": payment.status,
            "payment_date": payment.payment_date,
            "failure_reason": payment.failure_reason,
            "created_at": payment.created_at,
            "receipt_number": receipt.receipt_number if receipt else None,
            "refunds": [_refund(row) for row in payment.refunds.all() if row.status != RefundState.REQUESTED],
        }


def _refund(row: Any) -> dict[str, Any]:
    return {
        "refund_number": row.refund_number,
        "amount": format_amount(row.amount, row.currency),
        "status": row.status,
        "completed_at": row.completed_at,
    }


def _invoice(invoice: Invoice) -> dict[str, Any]:
    names = ("total_amount", "tax_amount", "discount_amount", "final_amount")
    return {
        "invoice_number": invoice.invoice_number,
        "booking_id": invoice.booking_id,
        "issuer": {name: invoice.issuer.get(name, "") for name in ("name", "address", "city", "country", "tax_number")},
        "bill_to": invoice.bill_to,
        "currency": invoice.currency,
        "invoice_date": invoice.invoice_date,
        "due_date": invoice.due_date,
        "status": invoice.status,
        **{name: format_amount(getattr(invoice, name), invoice.currency) for name in names},
        "lines": [
            {"description": line.description, "quantity": line.quantity, "amount": line.amount}
            for line in invoice.lines.all()
        ],
        "credit_notes": [
            {
                "credit_note_number": note.credit_note_number,
                "amount": format_amount(note.amount, note.currency),
                "credit_date": note.credit_date,
            }
            for note in invoice.credit_notes.all()
        ],
    }
