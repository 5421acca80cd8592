"""Bank transfers: the payer sends, a coordinator reads the bank statement. Nobody on the other side can be asked."""

from collections.abc import Mapping

from django.conf import settings

from apps.billing.gateways.base import (
    BadSignature,
    GatewayError,
    GatewayNews,
    PaymentOrder,
    RefundOrder,
    Reported,
    ReportedRefund,
    ReportedState,
    StartedPayment,
)
from medivoy.core.money import ZERO


class BankTransfers:
    """The gateway that is a person with a bank statement."""

    code = "bank_transfer"
    is_by_hand = True

    def start(self, order: PaymentOrder) -> StartedPayment:
        """Tell the payer where to send the money and under which reference."""
        return StartedPayment(order.number, {**settings.BANK_ACCOUNT, "transfer_reference": order.number})

    def look_up(self, reference: str) -> Reported:
        """It stays open until a person confirms it."""
        return Reported(ReportedState.OPEN, ZERO, "")

    def cancel(self, reference: str) -> Reported:
        """An announcement is withdrawn by forgetting it."""
        return Reported(ReportedState.CANCELLED, ZERO, "")

    def refund(self, order: RefundOrder) -> ReportedRefund:
        """A person sends it."""
        return ReportedRefund(ReportedState.PROCESSING, order.amount, order.currency, "")

    def look_up_refund(self, reference: str, payment_reference: str) -> ReportedRefund:
        """Banks answer nobody."""
        raise GatewayError("a bank transfer cannot be looked up", permanent=True)

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> list[GatewayNews]:
        """Banks post nothing."""
        raise BadSignature
