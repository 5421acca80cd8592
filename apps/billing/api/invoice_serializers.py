"""Invoices as they come in and go out: shape only."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.billing.api.serializers import BookingBrief
from apps.billing.models import CreditNote, Invoice, InvoiceLine
from apps.bookings.models import Booking
from medivoy.api.fields import AmountField, DayField, InstantField, PlainTextField, ReferenceField
from medivoy.core.money import ZERO, format_amount


class InvoiceLineOut(serializers.ModelSerializer[InvoiceLine]):
    """A line: what was agreed, or the rounding to the payable step (kind rounding, no description)."""

    unit_price = AmountField(currency="invoice.currency")
    amount = AmountField(currency="invoice.currency")
    tax_amount = AmountField(currency="invoice.currency")
    quantity = serializers.SerializerMethodField()
    tax_rate = serializers.SerializerMethodField()

    class Meta:
        model = InvoiceLine
        fields = ("kind", "description", "quantity", "unit_price", "tax_rate", "amount", "tax_amount")
        read_only_fields = fields

    def get_quantity(self, line: InvoiceLine) -> str:
        return f"{line.quantity:f}"

    def get_tax_rate(self, line: InvoiceLine) -> str:
        return f"{line.tax_rate:f}"


class CreditNoteOut(serializers.ModelSerializer[CreditNote]):
    """What was taken off the invoice, tax included."""

    amount = AmountField()
    tax_amount = AmountField()
    credit_date = DayField()

    class Meta:
        model = CreditNote
        fields = ("id", "credit_note_number", "amount", "tax_amount", "currency", "credit_date", "reason")
        read_only_fields = fields


class IssuerOut(serializers.Serializer[Any]):
    """Who issued the invoice, as they were called then."""

    name = serializers.CharField()
    address = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    tax_number = serializers.CharField()


class BillToOut(serializers.Serializer[Any]):
    """Whom the invoice is for, as they lived then."""

    name = serializers.CharField()
    address = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()


class InvoiceOut(serializers.ModelSerializer[Invoice]):
    """An invoice as it was issued, with what was paid and credited since."""

    booking_id = serializers.UUIDField()
    booking = BookingBrief()
    patient_id = serializers.UUIDField()
    hospital_id = serializers.UUIDField()
    issuer = IssuerOut()
    bill_to = BillToOut()
    line_items = InvoiceLineOut(source="lines", many=True)
    total_amount = AmountField()
    tax_amount = AmountField()
    discount_amount = AmountField()
    final_amount = AmountField()
    amount_paid = AmountField(source="booking.net_paid")
    balance = AmountField(source="booking.balance")
    credited_amount = serializers.SerializerMethodField()
    credit_notes = CreditNoteOut(many=True)
    invoice_date = DayField()
    due_date = DayField()
    sent_at = InstantField(allow_null=True)
    paid_at = InstantField(allow_null=True)
    pdf_url = serializers.SerializerMethodField()
    created_at = InstantField()
    updated_at = InstantField()

    class Meta:
        model = Invoice
        fields = (
            "id",
            "invoice_number",
            "booking_id",
            "booking",
            "patient_id",
            "hospital_id",
            "issuer",
            "bill_to",
            "line_items",
            "total_amount",
            "tax_amount",
            "discount_amount",
            "final_amount",
            "currency",
            "amount_paid",
            "balance",
            "credited_amount",
            "credit_notes",
            "invoice_date",
            "due_date",
            "status",
            "sent_at",
            "paid_at",
            "pdf_url",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_credited_amount(self, invoice: Invoice) -> str:
        return format_amount(sum((note.amount for note in invoice.credit_notes.all()), ZERO), invoice.currency)

    @extend_schema_field(serializers.URLField())
    def get_pdf_url(self, invoice: Invoice) -> str:
        return settings.PUBLIC_URL + reverse("invoice-pdf", kwargs={"pk": invoice.pk})


class InvoiceIn(serializers.Serializer[Any]):
    """The booking whose invoice is to be issued."""

    booking_id = ReferenceField(Booking.objects, source="booking")


class InvoicePdfQuery(serializers.Serializer[Any]):
    """Which paper: the invoice, or one of its credit notes."""

    credit_note = PlainTextField(required=False, max_length=50)
