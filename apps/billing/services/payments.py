"""Attempts to pay: one open at a time, for what is due, at a gateway that is never called inside a transaction."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing.errors import AmountNotDue, GatewayAway, GatewayRefused, PaymentInProgress
from apps.billing.gateways.base import GatewayError, PaymentOrder, Reported, StartedPayment
from apps.billing.gateways.registry import is_available, is_by_hand, reach
from apps.billing.models import Payment
from apps.billing.services.captures import book_report, fail_payment
from apps.billing.services.gateway_events import apply_waiting
from apps.billing.services.locking import lock_payment
from apps.billing.services.settlement import settle
from apps.bookings.models import Booking, Milestone
from apps.bookings.services.money import amount_due
from apps.bookings.services.transition import lock
from medivoy.core import clock
from medivoy.core.context import writing
from medivoy.core.errors import InvalidInput
from medivoy.core.ids import uuid7
from medivoy.core.numbers import next_number

TRIES = 3


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt to pay, and whether this call made it (201) or found it (200)."""

    payment: Payment
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the payer asked for."""

    gateway: str
    amount: Decimal | None
    currency: str | None
    method: str
    payment_id: UUID


@dataclass(frozen=True, slots=True)
class _Found:
    """The attempt that stands: just made, or one from before, which may be another than the one wished for."""

    payment: Payment
    is_new: bool
    is_wished: bool


def start_payment(
    booking: Booking,
    *,
    actor: User,
    gateway: str,
    amount: Decimal | None = None,
    currency: str | None = None,
    method: str = "",
    payment_id: UUID | None = None,
) -> Started:
    """Begin to pay `amount` (None: the next milestone) in the booking's currency at `gateway`.

    Call it outside of any transaction: the gateway is called between two. `payment_id` makes a retry resume the same
    attempt. Raises AmountNotDue (400), InvalidInput for another currency or gateway, PaymentInProgress (409),
    GatewayAway (503, the payment stays pending), GatewayRefused (409). Rule: contract.md, POST /payments.
    """
    if not is_available(gateway):
        raise InvalidInput({"payment_gateway": [_("Payments by this gateway are not possible here.")]})
    wish = _Wish(gateway, amount, currency, method, payment_id or uuid7())
    for _attempt in range(TRIES):
        with writing(actor):
            found = _find_or_write(booking.pk, wish, actor)
        if found.is_wished:
            return Started(begin_at_gateway(found.payment, actor=actor), found.is_new)
        if withdraw_payment(found.payment, actor=actor).is_open:
            raise PaymentInProgress
    raise PaymentInProgress


def _find_or_write(booking_id: UUID, wish: _Wish, actor: User) -> _Found:
    """Return the attempt that stands, or write the one wished for where there is none."""
    booking = lock(booking_id)
    mine = Payment.objects.filter(pk=wish.payment_id, booking=booking).first()
    if mine is not None:
        return _Found(mine, is_new=True, is_wished=True)
    amount = _check_amount(booking, wish)
    standing = Payment.objects.open().filter(booking=booking).first()
    if standing is not None:
        is_wished = (standing.payment_gateway, standing.amount) == (wish.gateway, amount)
        return _Found(standing, is_new=False, is_wished=is_wished)
    payment = Payment.objects.create(
        id=wish.payment_id,
        transaction_id=next_number("TX"),
        booking=booking,
        patient=booking.patient,
        amount=amount,
        currency=booking.currency,
        payment_method=wish.method,
        payment_gateway=wish.gateway,
        created_by=actor,
    )
    settle(booking)
    return _Found(payment, is_new=True, is_wished=True)


def _check_amount(booking: Booking, wish: _Wish) -> Decimal:
    """Return what is to be paid: the next milestone or the whole balance, nothing else (T30)."""
    if wish.currency is not None and wish.currency != booking.currency:
        raise InvalidInput({"currency": [_("This booking is paid in %(currency)s.") % {"currency": booking.currency}]})
    due = amount_due(booking, list(Milestone.objects.filter(booking=booking)))
    amount = due if wish.amount is None else wish.amount
    if due <= 0 or amount not in (due, booking.balance):
        raise AmountNotDue({"amount": [AmountNotDue.message]})
    return amount


def begin_at_gateway(payment: Payment, *, actor: User | None) -> Payment:
    """Make sure that an open payment is known to its gateway; return it with what the payer needs.

    Outside of any transaction. Raises GatewayAway, GatewayRefused (the payment has failed then).
    """
    if not payment.is_open or payment.gateway_transaction_id:
        return payment
    try:
        started = reach(payment.payment_gateway).start(_order(payment))
    except GatewayError as error:
        if not error.permanent:
            raise GatewayAway from error
        with writing(actor):
            refused = lock_payment(payment.pk)
            if refused.is_open:
                fail_payment(refused, reason=str(error))
        raise GatewayRefused from error
    return _keep_reference(payment, started, actor)


def _keep_reference(payment: Payment, started: StartedPayment, actor: User | None) -> Payment:
    with writing(actor):
        payment = lock_payment(payment.pk)
        if not payment.gateway_transaction_id:
            payment.gateway_transaction_id = started.reference
            payment.client_data = started.client_data if payment.is_open else {}
            payment.save(update_fields=["gateway_transaction_id", "client_data"])
    # The gateway may have been quicker with its news than we were in keeping its name for the payment.
    apply_waiting(payment.payment_gateway, started.reference)
    return payment


def _order(payment: Payment) -> PaymentOrder:
    payer = payment.patient.user
    return PaymentOrder(
        id=payment.pk,
        number=payment.transaction_id,
        amount=payment.amount,
        currency=payment.currency,
        description=payment.booking.booking_number,
        payer_email=payer.email,
        payer_name=payer.get_full_name(),
        language=payer.preferred_language,
    )


def withdraw_payment(payment: Payment, *, actor: User | None) -> Payment:
    """Withdraw an open payment at its gateway and book what the gateway says; return it fresh.

    Outside of any transaction. The answer may be that it was paid after all. Raises PaymentInProgress where the
    gateway does not answer, or a person already counted the money of a bank transfer.
    """
    if is_by_hand(payment.payment_gateway) and hasattr(payment, "bank_receipt"):
        raise PaymentInProgress
    try:
        payment = begin_at_gateway(payment, actor=actor)
        reported = reach(payment.payment_gateway).cancel(payment.gateway_transaction_id)
    except (GatewayError, GatewayAway, GatewayRefused) as error:
        payment.refresh_from_db()
        if not payment.is_open:
            return payment
        raise PaymentInProgress from error
    return _book(payment, reported, actor)


def ask_gateway(payment: Payment, *, actor: User | None = None) -> Payment:
    """Ask the gateway how an open payment stands, book what it says, and return the payment fresh.

    Call it outside of any transaction. A gateway that does not answer changes nothing.
    """
    if not payment.is_open or is_by_hand(payment.payment_gateway):
        return payment
    with writing(actor):
        Payment.objects.filter(pk=payment.pk).update(asked_at=clock.now())
    try:
        payment = begin_at_gateway(payment, actor=actor)
        reported = reach(payment.payment_gateway).look_up(payment.gateway_transaction_id)
    except (GatewayError, GatewayAway, GatewayRefused):
        payment.refresh_from_db()
        return payment
    return _book(payment, reported, actor)


def _book(payment: Payment, reported: Reported, actor: User | None) -> Payment:
    with writing(actor):
        payment = lock_payment(payment.pk)
        book_report(payment, reported)
    return payment
