"""Routes of billing."""

from django.urls import URLPattern, path

from apps.billing.api.invoice_viewsets import InvoiceViewSet
from apps.billing.api.sandbox import SandboxViewSet
from apps.billing.api.viewsets import PatientPaymentViewSet, PaymentViewSet, RefundViewSet
from apps.billing.api.webhooks import WebhookViewSet

payments = PaymentViewSet.as_view
invoices = InvoiceViewSet.as_view

urlpatterns: list[URLPattern] = [
    path("payments", payments({"get": "list", "post": "create"}), name="payments"),
    path("payments/webhook", WebhookViewSet.as_view({"post": "webhook"}), name="payment-webhook"),
    path("payments/<uuid:pk>", payments({"get": "retrieve"}), name="payment"),
    path("payments/<uuid:pk>/confirm", payments({"post": "confirm"}), name="payment-confirm"),
    path("payments/<uuid:pk>/receipt", payments({"get": "receipt"}), name="payment-receipt"),
    path("payments/<uuid:pk>/status", payments({"get": "status"}), name="payment-status"),
    path("payments/<uuid:pk>/refund", payments({"post": "refund"}), name="payment-refund"),
    path("refunds/<uuid:pk>/approve", RefundViewSet.as_view({"post": "approve"}), name="refund-approve"),
    path("invoices", invoices({"get": "list", "post": "create"}), name="invoices"),
    path("invoices/<uuid:pk>", invoices({"get": "retrieve"}), name="invoice"),
    path("invoices/<uuid:pk>/pdf", invoices({"get": "pdf"}), name="invoice-pdf"),
    path("invoices/<uuid:pk>/send", invoices({"post": "send"}), name="invoice-send"),
    path("patients/<uuid:pk>/payments", PatientPaymentViewSet.as_view({"get": "payments"}), name="patient-payments"),
    path(
        "sandbox/checkout/<str:token>",
        SandboxViewSet.as_view({"get": "checkout_page", "post": "checkout"}),
        name="sandbox-checkout",
    ),
]
