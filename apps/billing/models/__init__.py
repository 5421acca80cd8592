from apps.billing.models.gateway_event import GatewayEvent
from apps.billing.models.invoice import CreditNote, Invoice, InvoiceLine, LineKind
from apps.billing.models.payment import BankReceipt, GatewayCode, Payment, Receipt
from apps.billing.models.refund import Refund
from apps.billing.models.sandbox import CheckoutState, SandboxCheckout, SandboxDelivery, SandboxRefund

__all__ = [
    "BankReceipt",
    "CheckoutState",
    "CreditNote",
    "GatewayCode",
    "GatewayEvent",
    "Invoice",
    "InvoiceLine",
    "LineKind",
    "Payment",
    "Receipt",
    "Refund",
    "SandboxCheckout",
    "SandboxDelivery",
    "SandboxRefund",
]
