"""Payments and refunds over REST."""

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from apps.billing.api.filters import PaymentFilter
from apps.billing.api.serializers import ConfirmIn, PaymentIn, PaymentOut, RefundIn, RefundOut
from apps.billing.documents.receipt import receipt_pdf
from apps.billing.models import Payment, Refund
from apps.billing.services.bank_transfers import confirm
from apps.billing.services.payments import ask_gateway, start_payment
from apps.billing.services.receipts import receipt_of
from apps.billing.services.refunds import approve_refund, request_refund
from apps.clinical.models import Patient
from medivoy.api.envelope import created, ok
from medivoy.api.paper import paper_language, pdf_answer
from medivoy.api.schema.answers import File
from medivoy.api.viewsets import BaseViewSet, ListMixin, RetrieveMixin

GONE_WRONG_AT_THE_GATEWAY = {409: ["payment_in_progress", "gateway_refused"], 503: ["gateway_unavailable"]}


class PaymentList(BaseViewSet):
    """What every list of payments has in common."""

    model = Payment
    serializer_class = PaymentOut
    filterset_class = PaymentFilter
    ordering_fields = ("created_at", "payment_date", "amount", "status")
    ordering = ("-created_at",)
    search_fields = ("transaction_id", "booking__booking_number", "gateway_transaction_id")


class PaymentViewSet(ListMixin, RetrieveMixin, PaymentList):
    entity = "payment"
    serializers = {"create": PaymentIn, "confirm": ConfirmIn, "refund": RefundIn}
    answers = {"receipt": File("application/pdf"), "refund": RefundOut}
    own_transactions = ("create", "status")
    idempotent = ("create", "refund")
    verified_email = ("create",)
    statuses = {"create": (200, 201), "refund": (201,)}
    refusals = {
        "create": {400: ["amount_not_due"], **GONE_WRONG_AT_THE_GATEWAY},
        "confirm": {409: ["not_a_bank_transfer", "second_person_needed", "reference_used", "already_confirmed"]},
        "receipt": {409: ["not_completed"]},
        "refund": {409: ["not_refundable", "refund_too_much"]},
    }

    def create(self, request: Request) -> Response:
        """Begin to pay on a booking.

        `amount` is the next milestone's (also where it is left out) or the whole balance. The answer has what the
        payer's client needs. An open attempt of the same amount at the same gateway is returned (200); another is
        withdrawn first.
        """
        wish = self.payload()
        started = start_payment(
            wish["booking"],
            actor=request.user,
            gateway=wish["payment_gateway"],
            amount=wish.get("amount"),
            currency=wish.get("currency"),
            method=wish.get("payment_method", ""),
            payment_id=request.resource_id,
        )
        answer = created if started.is_new else ok
        return answer(self.reread(started.payment))

    def confirm(self, request: Request, pk: str) -> Response:
        """Book a bank transfer that arrived, as the bank's statement has it.

        Above the limit it stays `processing` until another person confirms it too.
        """
        payment = self.get_object()
        return ok(self.reread(confirm(payment, actor=request.user, **self.payload())))

    def receipt(self, request: Request, pk: str) -> HttpResponse:
        """The receipt of a completed payment, as a PDF in the patient's language."""
        receipt = receipt_of(self.get_object())
        language = paper_language(request, receipt.payment.patient.user)
        return pdf_answer(receipt_pdf(receipt, language), receipt.receipt_number, language)

    def status(self, request: Request, pk: str) -> Response:
        """How a payment stands; while it is open the gateway is asked."""
        return ok(self.reread(ask_gateway(self.get_object(), actor=request.user)))

    def refund(self, request: Request, pk: str) -> Response:
        """Ask for a completed payment back, all that is left of it or a part.

        What is owed to the payer is approved by itself; more waits for another person with role A.
        """
        payment = self.get_object()
        wish = self.payload()
        refund = request_refund(
            payment,
            actor=request.user,
            amount=wish.get("amount"),
            reason=wish["reason"],
            refund_id=request.resource_id,
        )
        return created(RefundOut(refund).data)


class PatientPaymentViewSet(PaymentList):
    entity = "patient"
    within = Patient
    list_actions = ("payments",)

    def payments(self, request: Request, pk: str) -> Response:
        """The payments of a patient."""
        return self.page_of(self.get_queryset().filter(patient=self.row_above()))


class RefundViewSet(BaseViewSet):
    entity = "refund"
    model = Refund
    serializer_class = RefundOut
    refusals = {"approve": {409: ["second_person_needed", "illegal_transition"]}}

    def approve(self, request: Request, pk: str) -> Response:
        """Approve a refund beyond policy that another person asked for."""
        return ok(self.reread(approve_refund(self.get_object(), actor=request.user)))
