"""Money that came by bank: read off the statement by a coordinator, confirmed by a second person above a limit."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing.errors import PaymentInProgress, ReferenceUsed, SecondPersonNeeded
from apps.billing.limits import needs_second_person
from apps.billing.models import BankReceipt, GatewayCode, Payment
from apps.billing.services.bank_references import LONGEST_REFERENCE, read_reference
from apps.billing.services.captures import await_second_person, complete_payment
from apps.billing.services.locking import lock_payment
from apps.billing.services.settlement import settle
from apps.billing.states import PaymentState
from apps.bookings.models import Booking
from apps.bookings.services.news import tell
from apps.bookings.services.transition import lock
from medivoy.core import clock
from medivoy.core.errors import GuardFailed, InvalidInput
from medivoy.core.money import currencies, fits
from medivoy.core.numbers import next_number

# A bank statement is never dated later than tomorrow's date in the easternmost zone.
TOMORROW = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Statement:
    """A line of the bank's statement, as a person typed it."""

    value_date: date
    sender: str
    reference: str
    amount: Decimal
    currency: str
    proof: str


@transaction.atomic
def confirm(
    payment: Payment,
    *,
    actor: User,
    value_date: date,
    sender: str,
    reference: str,
    amount: Decimal,
    currency: str,
    proof: str,
) -> Payment:
    """Book the money that arrived for an announced bank transfer; the payment takes the amount received.

    Above the limit the first call leaves it `processing` and another person's call completes it; the same person's is
    SecondPersonNeeded (409). A reference counts once: ReferenceUsed (409). Another currency is InvalidInput. Rule:
    contract.md, POST /payments/:id/confirm.
    """
    payment = lock_payment(payment.pk)
    if payment.payment_gateway != GatewayCode.BANK_TRANSFER:
        raise GuardFailed(_("Only a bank transfer is confirmed by hand."), code="not_a_bank_transfer")
    statement = _read(value_date, sender, reference, amount, currency, proof)
    if currency != payment.currency:
        raise InvalidInput({"currency": [_("This booking is paid in %(currency)s.") % {"currency": payment.currency}]})
    counted = BankReceipt.objects.select_for_update().filter(payment=payment).first()
    if counted is None:
        return _count(_receipt_for(statement, actor), payment, actor)
    if counted.reference != statement.reference:
        raise GuardFailed(_("Money was already counted for this payment."), code="already_confirmed")
    if payment.status == PaymentState.COMPLETED:
        return payment
    if (counted.amount, counted.currency) != (statement.amount, statement.currency):
        raise InvalidInput({"amount": [_("The first person counted another amount.")]})
    return _complete(counted, payment, actor)


@transaction.atomic
def record_receipt(
    *, actor: User, value_date: date, sender: str, reference: str, amount: Decimal, currency: str, proof: str
) -> BankReceipt:
    """Keep money that arrived and belongs to no known booking yet. Raises ReferenceUsed, InvalidInput."""
    statement = _read(value_date, sender, reference, amount, currency, proof)
    if BankReceipt.objects.filter(reference=statement.reference).exists():
        raise ReferenceUsed
    return _write(statement, actor)


@transaction.atomic
def apply_receipt(receipt: BankReceipt, booking: Booking, *, actor: User) -> Payment:
    """Book a recorded receipt on a booking: by the transfer that was announced, else by one made for it.

    Called again by another person it completes what is above the limit. Raises GuardFailed receipt_already_applied,
    nothing_agreed; SecondPersonNeeded; PaymentInProgress while another way to pay is open; InvalidInput for another
    currency.
    """
    booking = lock(booking.pk)
    receipt = BankReceipt.objects.select_for_update().get(pk=receipt.pk)
    if receipt.payment_id is not None:
        return _apply_again(receipt, booking, actor)
    if booking.total_amount is None:
        raise GuardFailed(_("Nothing is agreed yet that could be paid."), code="nothing_agreed")
    if receipt.currency != booking.currency:
        raise InvalidInput({"currency": [_("This booking is paid in %(currency)s.") % {"currency": booking.currency}]})
    return _count(receipt, _payment_for(receipt, booking, actor), actor)


def _apply_again(receipt: BankReceipt, booking: Booking, actor: User) -> Payment:
    if receipt.booking_id != booking.pk:
        raise GuardFailed(_("This money was booked on another booking."), code="receipt_already_applied")
    payment = lock_payment(receipt.payment_id)  # type: ignore[arg-type]  # a receipt with a booking has a payment
    return payment if payment.status == PaymentState.COMPLETED else _complete(receipt, payment, actor)


def _payment_for(receipt: BankReceipt, booking: Booking, actor: User) -> Payment:
    """Return the open announcement of a bank transfer on a locked booking, or write a payment for the money."""
    standing = Payment.objects.open().select_for_update().filter(booking=booking).first()
    if standing is not None:
        if standing.payment_gateway != GatewayCode.BANK_TRANSFER or hasattr(standing, "bank_receipt"):
            raise PaymentInProgress
        standing.booking = booking
        return standing
    number = next_number("TX")
    return Payment.objects.create(
        transaction_id=number,
        booking=booking,
        patient=booking.patient,
        amount=receipt.amount,
        currency=booking.currency,
        payment_gateway=GatewayCode.BANK_TRANSFER,
        gateway_transaction_id=number,
        created_by=actor,
    )


def _count(receipt: BankReceipt, payment: Payment, actor: User) -> Payment:
    """Tie the money to its payment; below the limit that completes it."""
    if payment.status == PaymentState.COMPLETED:
        raise GuardFailed(_("This payment is completed."), code="already_confirmed")
    receipt.booking, receipt.payment = payment.booking, payment
    receipt.needs_second_person = needs_second_person(receipt.amount, receipt.currency)
    receipt.save(update_fields=["booking", "payment", "needs_second_person"])
    if not receipt.needs_second_person or receipt.recorded_by_id != actor.pk:
        return _complete(receipt, payment, actor)
    await_second_person(payment)
    settle(payment.booking)
    tell(payment.booking, "transfer_to_confirm", actor=actor)
    return payment


def _complete(receipt: BankReceipt, payment: Payment, actor: User) -> Payment:
    if receipt.needs_second_person and receipt.recorded_by_id == actor.pk:
        raise SecondPersonNeeded
    receipt.confirmed_by, receipt.confirmed_at = actor, clock.now()
    receipt.save(update_fields=["confirmed_by", "confirmed_at"])
    complete_payment(payment, actor=actor, amount=receipt.amount)
    return payment


def _receipt_for(statement: Statement, actor: User) -> BankReceipt:
    """Return the row of this money: the one that was kept unmatched under the reference, or a new one."""
    kept = BankReceipt.objects.select_for_update().filter(reference=statement.reference).first()
    if kept is None:
        return _write(statement, actor)
    if kept.payment_id is not None:
        raise ReferenceUsed
    if (kept.amount, kept.currency) != (statement.amount, statement.currency):
        raise InvalidInput({"amount": [_("Another amount was recorded under this reference.")]})
    return kept


def _write(statement: Statement, actor: User) -> BankReceipt:
    """Write the row, unless another has just written one under the same reference."""
    receipt = BankReceipt(**asdict(statement), recorded_by=actor)
    BankReceipt.objects.bulk_create([receipt], ignore_conflicts=True)
    written = BankReceipt.objects.select_for_update().get(reference=statement.reference)
    if written.pk != receipt.pk:
        raise ReferenceUsed
    return written


def _read(value_date: date, sender: str, reference: str, amount: Decimal, currency: str, proof: str) -> Statement:
    """Check what was typed. Raises InvalidInput."""
    reference = read_reference(reference)
    errors: dict[str, list[Any]] = {}
    if value_date > (clock.now() + TOMORROW).date():
        errors["value_date"] = [_("This day is still to come.")]
    if not 0 < len(reference) <= LONGEST_REFERENCE:
        errors["reference"] = [_("The bank's reference is needed.")]
    if currency not in currencies() or amount <= 0 or not fits(amount, currency):
        errors["amount"] = [_("This is no amount of %(currency)s.") % {"currency": currency}]
    if errors:
        raise InvalidInput(errors)
    return Statement(value_date, sender.strip(), reference, amount, currency, proof.strip())
