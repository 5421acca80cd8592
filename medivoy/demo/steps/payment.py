"""Money: by card at the sandbox gateway, or by bank transfer with a statement."""

from decimal import Decimal
from typing import Any

from apps.accounts.models import User
from apps.billing import sandbox
from apps.billing.models import GatewayCode
from apps.billing.services import bank_transfers
from apps.billing.services.payments import ask_gateway, start_payment
from medivoy.core import clock
from medivoy.core.money import round_to_step
from medivoy.demo.case import Case

PROOF = "Statement of the trust account"


def pay(case: Case) -> None:
    """The next milestone, by card."""
    _pay_by_card(case, None)


def pay_all(case: Case) -> None:
    """All that is owed: by card, every third time by bank transfer."""
    if case.turn % 3 == 2:
        announce_transfer(case)
        receive_transfer(case)
    else:
        _pay_by_card(case, case.booking.balance)


def _pay_by_card(case: Case, amount: Decimal | None) -> None:
    """The payer approves on the gateway's page; its webhook never comes, and the gateway is asked instead."""
    case.wait(hours=20)
    with clock.at(case.now):
        made = start_payment(case.booking, actor=case.patient_user, gateway=GatewayCode.SANDBOX, amount=amount)
        token = made.payment.client_data["checkout_url"].rpartition("/")[2]
        sandbox.decide(token, sandbox.Outcome.APPROVE, sandbox.Delivery.NEVER)
        ask_gateway(made.payment)
    case.reread()


def open_payment(case: Case) -> None:
    """An attempt that the payer has not finished."""
    case.wait(hours=5)
    with clock.at(case.now):
        start_payment(case.booking, actor=case.patient_user, gateway=GatewayCode.SANDBOX)


def announce_transfer(case: Case) -> None:
    case.wait(hours=8)
    with clock.at(case.now):
        start_payment(
            case.booking,
            actor=case.patient_user,
            gateway=GatewayCode.BANK_TRANSFER,
            amount=case.booking.balance,
        )
    case.reread()


def receive_transfer(case: Case) -> None:
    """The statement shows the money; above the limit a second person looks too."""
    case.wait(hours=40)
    payment = case.booking.payments.open().get()
    receipt = _receipt(case, payment.amount, f"BANK-{payment.transaction_id}")
    for actor in (case.coordinator, User.objects.admins().get()):
        payment.refresh_from_db()
        if payment.is_open:
            case.act(actor, lambda who=actor: bank_transfers.confirm(payment, actor=who, **receipt))
    case.reread()


def overpay(case: Case) -> None:
    """A transfer that nobody announced, of more than was owed."""
    case.wait(hours=6)
    balance = case.booking.balance
    extra = round_to_step(balance / 50, case.booking.currency)
    details = _receipt(case, balance + extra, f"BANK-{case.booking.booking_number}")
    actor = case.coordinator
    receipt = case.act(actor, lambda: bank_transfers.record_receipt(actor=actor, **details))
    for who in (actor, User.objects.admins().get()):
        receipt.refresh_from_db()
        if receipt.confirmed_at is None:
            case.act(who, lambda by=who: bank_transfers.apply_receipt(receipt, case.booking, actor=by))
    case.reread()


def _receipt(case: Case, amount: Decimal, reference: str) -> dict[str, Any]:
    return {
        "value_date": case.now.date(),
        "sender": str(case.patient),
        "reference": reference,
        "amount": amount,
        "currency": case.booking.currency,
        "proof": PROOF,
    }
