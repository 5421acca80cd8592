from apps.billing.models.gateway_event import GatewayEvent
from apps.billing.models.invoice import CreditNote, Invoice, InvoiceLine
from apps.billing.models.payment import BankReceipt, GatewayCode, Payment, Receipt
from apps.billing.models.refund import Refund
from apps.billing.models.sandbox import SandboxCheckout, SandboxDelivery

__all__ = [
    "BankReceipt",
    "CreditNote",
    "GatewayCode",
    "GatewayEvent",
    "Invoice",
    "InvoiceLine",
    "Payment",
    "Receipt",
    "Refund",
    "SandboxCheckout",
    "SandboxDelivery",
]
