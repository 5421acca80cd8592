"""Payments, refunds, receipts and invoices, to find and to read; they are made and moved from their case."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from apps.billing.models import BankReceipt, CreditNote, GatewayEvent, Invoice, InvoiceLine, Payment, Receipt, Refund
from apps.bookings.admin.rows import case_url
from apps.bookings.templatetags.console import money
from medivoy.admin import ModelAdmin, ReadOnly, TabularInline


class MoneyPage(ReadOnly, ModelAdmin):
    """What the pages of money share: a link to the case, and the amount with its currency."""

    list_select_related = ["booking"]
    ordering = ["-created_at"]

    @admin.display(description=_("Case"))
    def case(self, row: Any) -> str:
        if row.booking is None:
            return "—"
        return format_html(
            '<a href="{}#money"><bdi dir="ltr">{}</bdi></a>', case_url(row.booking), row.booking.booking_number
        )

    @admin.display(description=_("Amount"), ordering="amount")
    def amount_label(self, row: Any) -> str:
        return format_html('<bdi dir="ltr">{}</bdi>', money(row.amount, row.currency))


@admin.register(Payment)
class PaymentAdmin(MoneyPage):
    list_display = ["transaction_id", "case", "amount_label", "payment_gateway", "status", "payment_date", "mismatch"]
    list_filter = ["status", "payment_gateway", "currency", ("mismatch", admin.EmptyFieldListFilter)]
    search_fields = ["transaction_id", "booking__booking_number", "gateway_transaction_id", "receipt__receipt_number"]
    exclude = ["client_data"]


@admin.register(Refund)
class RefundAdmin(MoneyPage):
    list_display = ["refund_number", "case", "amount_label", "status", "is_by_policy", "failure_reason", "created_at"]
    list_filter = ["status", "is_by_policy", "currency"]
    search_fields = ["refund_number", "booking__booking_number", "payment__transaction_id"]


@admin.register(BankReceipt)
class BankReceiptAdmin(MoneyPage):
    list_display = ["reference", "case", "amount_label", "sender", "value_date", "needs_second_person", "confirmed_at"]
    list_filter = [("confirmed_at", admin.EmptyFieldListFilter), ("booking", admin.EmptyFieldListFilter), "currency"]
    search_fields = ["reference", "sender", "booking__booking_number"]


@admin.register(Receipt)
class ReceiptAdmin(ReadOnly, ModelAdmin):
    list_display = ["receipt_number", "payment", "created_at"]
    search_fields = ["receipt_number", "payment__transaction_id"]
    list_select_related = ["payment"]


class LineInline(ReadOnly, TabularInline):
    model = InvoiceLine
    fields = ["description", "quantity", "unit_price", "tax_rate", "amount", "tax_amount"]
    extra = 0

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return request.user.has_perm("billing.view_invoice")


class CreditNoteInline(ReadOnly, TabularInline):
    model = CreditNote
    fields = ["credit_note_number", "amount", "credit_date", "reason"]
    extra = 0

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return request.user.has_perm("billing.view_invoice")


@admin.register(Invoice)
class InvoiceAdmin(MoneyPage):
    list_display = ["invoice_number", "case", "total_label", "status", "invoice_date", "due_date"]
    list_filter = ["status", "currency", "hospital"]
    search_fields = ["invoice_number", "booking__booking_number"]
    inlines = [LineInline, CreditNoteInline]

    @admin.display(description=_("Total"), ordering="final_amount")
    def total_label(self, invoice: Invoice) -> str:
        return format_html('<bdi dir="ltr">{}</bdi>', money(invoice.final_amount, invoice.currency))


@admin.register(GatewayEvent)
class GatewayEventAdmin(ReadOnly, ModelAdmin):
    list_display = ["event_id", "gateway", "type", "outcome", "problem", "created_at"]
    list_filter = ["gateway", "outcome"]
    search_fields = ["event_id"]
    exclude = ["payload"]
