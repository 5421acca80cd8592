"""How the operations of billing are called."""

import json

from apps.billing.models import SandboxCheckout
from medivoy.core import clock
from tests.contract.call import Call, calls, of, simple
from tests.factories import billing

for operation in ("retrieve", "receipt", "status"):
    simple(f"payment.{operation}", lambda world: of(world.paid))
for operation in ("retrieve", "pdf", "send"):
    simple(f"invoice.{operation}", lambda world: of(world.invoice))
simple("payment.refund", lambda world: of(world.paid, {"amount": "10.00", "reason": "goodwill"}))
simple("refund.approve", lambda world: of(world.refund))
simple("invoice.create", lambda world: of(body={"booking_id": str(world.completed.pk)}))
simple("patient.payments", lambda world: of(world.patients["patient"]))


@calls("payment.create")
def create(world, caller) -> Call:
    body = {"booking_id": str(world.owing.pk), "payment_gateway": "sandbox"}
    return of(body=body, headers={"Idempotency-Key": "contract"})


@calls("payment.confirm")
def confirm(world, caller) -> Call:
    body = {
        "value_date": clock.today().isoformat(),
        "sender": "A. Patient",
        "reference": f"REF-{caller}",
        "amount": str(world.transfer.amount),
        "currency": world.transfer.currency,
        "proof": "Statement 7",
    }
    return of(world.transfer, body)


@calls("payment.webhook")
def webhook(world, caller) -> Call:
    body = json.dumps(billing.event_of(world.paid, id=f"evt_{caller}")).encode()
    return of(body=body, headers=billing.signed(body), content_type="application/json; charset=utf-8")


def _token(world) -> str:
    return SandboxCheckout.objects.get(merchant_id=str(world.checkout.pk)).token


simple("payment.checkout_page", lambda world: of(path={"token": _token(world)}))
simple(
    "payment.checkout",
    lambda world: of(
        path={"token": _token(world)},
        body="outcome=approve&delivery=never",
        content_type="application/x-www-form-urlencoded",
    ),
)
