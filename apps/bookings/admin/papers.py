"""The papers of a case as the console opens them: quotations, invoice, receipts, in the patient's language."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from apps.billing.documents.invoice import invoice_pdf
from apps.billing.documents.receipt import receipt_pdf
from apps.billing.models import Invoice, Receipt
from apps.bookings.documents import quotation_pdf
from apps.bookings.models import Booking, Quotation

Draw = Callable[[Any, str], bytes]

PAPERS: dict[str, tuple[Any, str, Draw]] = {
    "quotation": (Quotation, "booking", quotation_pdf),
    "invoice": (Invoice, "booking", invoice_pdf),
    "receipt": (Receipt, "payment__booking", receipt_pdf),
}


def paper_of(request: HttpRequest, booking: Booking, kind: str, key: UUID) -> HttpResponse:
    """Answer one paper of a case that the user may see, as a PDF."""
    model, path, draw = PAPERS[kind]
    row = model.objects.visible_to(request.user).filter(**{path: booking, "pk": key}).first()
    if row is None:
        raise Http404
    language = request.GET.get("lang") or booking.patient.user.preferred_language
    answer = HttpResponse(draw(row, language), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{row}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
