"""Invoices over REST."""

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from apps.billing.api.filters import InvoiceFilter
from apps.billing.api.invoice_serializers import InvoiceIn, InvoiceOut, InvoicePdfQuery
from apps.billing.documents.credit_note import credit_note_pdf
from apps.billing.documents.invoice import invoice_pdf
from apps.billing.models import Invoice
from apps.billing.services.invoices import issue_invoice, send_invoice
from medivoy.api.envelope import created, ok
from medivoy.api.paper import paper_language, pdf_answer
from medivoy.api.schema.answers import File
from medivoy.api.viewsets import BaseViewSet, ListMixin, RetrieveMixin
from medivoy.core.errors import Missing


class InvoiceViewSet(ListMixin, RetrieveMixin, BaseViewSet):
    entity = "invoice"
    model = Invoice
    serializer_class = InvoiceOut
    serializers = {"create": InvoiceIn}
    answers = {"pdf": File("application/pdf")}
    queries = {"pdf": InvoicePdfQuery}
    idempotent = ("create",)
    statuses = {"create": (200, 201)}
    refusals = {"create": {409: ["not_invoiceable"]}, "send": {409: ["invoice_void"]}}
    filterset_class = InvoiceFilter
    ordering_fields = ("invoice_date", "due_date", "invoice_number", "final_amount", "status", "created_at")
    ordering = ("-created_at",)
    search_fields = ("invoice_number", "booking__booking_number")

    def create(self, request: Request) -> Response:
        """Issue the invoice of a booking, or return the one that it has (200).

        Possible where nothing is owed, or the booking is completed.
        """
        issued = issue_invoice(self.payload()["booking"], actor=request.user)
        answer = created if issued.is_new else ok
        return answer(self.reread(issued.invoice))

    def pdf(self, request: Request, pk: str) -> HttpResponse:
        """The invoice as a PDF in the patient's language, with what was paid and what is still owed.

        `credit_note` asks for one of its credit notes instead, by number.
        """
        invoice = self.get_object()
        language = paper_language(request, invoice.patient.user)
        wanted = self.query().get("credit_note")
        if wanted is None:
            return pdf_answer(invoice_pdf(invoice, language), invoice.invoice_number, language)
        note = next((note for note in invoice.credit_notes.all() if note.credit_note_number == wanted), None)
        if note is None:
            raise Missing
        return pdf_answer(credit_note_pdf(note, language), note.credit_note_number, language)

    def send(self, request: Request, pk: str) -> Response:
        """Mail the invoice to the patient, again where it was mailed before."""
        return ok(self.reread(send_invoice(self.get_object(), actor=request.user)))
