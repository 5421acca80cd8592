"""Which gateways there are here, and the one way to reach them."""

from collections.abc import Callable

from django.conf import settings
from django.db import transaction

from apps.billing.gateways.bank import BankTransfers
from apps.billing.gateways.base import Gateway, GatewayError
from apps.billing.gateways.sandbox import Sandbox

# Code of the gateway → what makes its adapter. Where a code is missing nobody can pay by it.
ADAPTERS: dict[str, Callable[[], Gateway]] = {
    BankTransfers.code: BankTransfers,
    Sandbox.code: Sandbox,
}


def is_available(code: str) -> bool:
    """Whether payments can begin at the gateway here."""
    return code in ADAPTERS and (code != Sandbox.code or settings.SANDBOX_GATEWAY)


def is_by_hand(code: str) -> bool:
    """Whether people stand in for the gateway."""
    return code in ADAPTERS and ADAPTERS[code]().is_by_hand


def reach(code: str) -> Gateway:
    """Return the adapter of a gateway for a call to it; refuses inside an open transaction (a fault of ours).

    Raises GatewayError for a gateway that is not here: it may be back, and what it has of ours is not lost.
    """
    with transaction.atomic(durable=True):
        if code not in ADAPTERS:
            raise GatewayError(f"{code} is not configured here")
        return ADAPTERS[code]()
