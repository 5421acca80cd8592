"""Random walks over accept, pay, refund, adjust, waive, hold, resume and cancel, in currencies of 0, 2 and 3 decimals.

After each step everything that is written of the booking's money is computed anew from the rows (ledger.py).
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.billing import sandbox
from apps.billing.models import Payment, Refund, SandboxCheckout
from apps.billing.services.adjustments import adjust
from apps.billing.services.bank_transfers import apply_receipt, record_receipt
from apps.billing.services.cancellation import accept_cancellation_proof, cancel_booking, preview
from apps.billing.services.gateway_events import receive_webhook
from apps.billing.services.journey import move_booking
from apps.billing.services.milestones import waive_milestone
from apps.billing.services.open_payments import ask_open, withdraw_unwanted
from apps.billing.services.payments import start_payment
from apps.billing.services.refund_work import send_due_refunds
from apps.billing.services.refunds import approve_refund, complete_by_hand, reject_refund, request_refund
from apps.bookings.models import Booking
from apps.bookings.services.quotation import OfferLine
from medivoy.core import clock
from medivoy.core.errors import DomainError
from medivoy.core.ids import uuid7
from medivoy.core.money import minor_unit, round_to_step
from tests import figures
from tests.billing.ledger import check_ledger
from tests.factories import bookings
from tests.factories.accounts import UserFactory
from tests.factories.billing import signed
from tests.factories.hospitals import HospitalFactory

CURRENCIES = {"JPY": "100001", "USD": "1000.03", "KWD": "999.990"}
SHARES = st.integers(1, 120)
STEPS = st.one_of(
    st.tuples(st.just("pay"), st.booleans(), st.sampled_from(["approve", "decline", "abandon"]), st.booleans()),
    st.tuples(st.just("bank"), SHARES),
    st.tuples(st.just("refund"), SHARES, st.sampled_from(["approve", "reject", "leave"])),
    st.tuples(st.just("work"), st.booleans()),
    st.tuples(st.just("adjust"), st.sampled_from(["goodwill", "bank_fee"]), st.integers(-60, 60)),
    st.tuples(st.just("waive"), st.booleans()),
    st.tuples(st.just("hold"), st.booleans()),
    st.tuples(st.just("resume"), st.booleans()),
    st.tuples(st.just("move"), st.sampled_from(["travel_arrangement", "in_treatment", "completed"])),
    st.tuples(
        st.just("cancel"),
        st.sampled_from(["patient", "hospital"]),
        st.sampled_from(["changed_mind", "visa_refused"]),
        st.sampled_from([45, 20, 3]),
    ),
    st.tuples(st.just("proof"), st.booleans()),
)


class Walk:
    """One booking on its way; each method is a step that may be refused, and then changes nothing."""

    def __init__(self, booking: Booking, admin) -> None:
        self.booking, self.admin = booking, admin
        self.coordinator, self.patient = booking.coordinator, booking.patient.user

    def take(self, step: tuple) -> None:
        name, *args = step
        act: Callable[..., None] = getattr(self, name)
        try:
            act(*args)
        except DomainError:
            self.was_refused(name)
        check_ledger(self.booking.pk)
        self.booking.refresh_from_db()

    def was_refused(self, name: str) -> None:
        assert name not in ("work",), "a worker refuses nothing"

    def share(self, of: Decimal, percent: int) -> Decimal:
        amount = (of * percent / 100).quantize(minor_unit(self.booking.currency))
        return max(amount, minor_unit(self.booking.currency))

    def accept(self) -> None:
        bookings.accept(self.booking)

    def pay(self, whole: bool, outcome: str, by_webhook: bool) -> None:
        amount = self.booking.balance if whole else None
        payment = start_payment(self.booking, actor=self.patient, gateway="sandbox", amount=amount).payment
        checkout = SandboxCheckout.objects.get(merchant_id=str(payment.pk))
        sandbox.decide(checkout.token, sandbox.Outcome(outcome), sandbox.Delivery("twice" if by_webhook else "never"))
        for delivery in checkout.deliveries.all():
            body = delivery.body.encode()
            receive_webhook("sandbox", body, signed(body))

    def bank(self, percent: int) -> None:
        amount = self.share(self.booking.total_amount or Decimal(100), percent)
        receipt = record_receipt(
            actor=self.coordinator,
            value_date=clock.today(),
            sender="Bank",
            reference=uuid7().hex,
            amount=amount,
            currency=self.booking.currency,
            proof="Statement",
        )
        apply_receipt(receipt, self.booking, actor=self.coordinator)
        apply_receipt(receipt, self.booking, actor=self.admin)

    def refund(self, percent: int, answer: str) -> None:
        payment = Payment.objects.completed().filter(booking=self.booking).order_by("?").first()
        if payment is None:
            return
        amount = self.share(payment.amount, percent)
        refund = request_refund(payment, actor=self.coordinator, amount=amount)
        if answer == "approve":
            approve_refund(refund, actor=self.admin)
        elif answer == "reject":
            reject_refund(refund, actor=self.admin, reason="No")

    def work(self, more: bool) -> None:
        with clock.at(clock.now() + timedelta(minutes=20)):
            ask_open()
            withdraw_unwanted()
        send_due_refunds()
        for refund in Refund.objects.to_send_by_hand().filter(booking=self.booking) if more else ():
            complete_by_hand(refund, actor=self.coordinator, reference=uuid7().hex)

    def adjust(self, kind: str, percent: int) -> None:
        amount = round_to_step((self.booking.total_amount or Decimal(0)) * percent / 100, self.booking.currency)
        adjust(self.booking, actor=self.admin, kind=kind, amount=amount, reason="Because")

    def waive(self, first: bool) -> None:
        milestone = self.booking.milestones.order_by("position" if first else "-position").first()
        if milestone is not None:
            waive_milestone(milestone, actor=self.admin, reason="Known for years")

    def hold(self, _: bool) -> None:
        self.move("on_hold", reason="personal", review_on=self.booking.local_today() + timedelta(days=5))

    def resume(self, _: bool) -> None:
        self.move(self.booking.held_from or "payment_pending")

    def move(self, to: str, **given) -> None:
        override = {"override_reason": "Emergency"} if to == "in_treatment" else {}
        move_booking(self.booking, to=to, actor=self.admin, **override, **given)

    def cancel(self, party: str, reason: str, days: int) -> None:
        day = self.booking.confirmed_date or self.booking.local_today() + timedelta(days=50)
        with clock.at(clock.start_of_day(day - timedelta(days=days), self.booking.hospital.timezone)):
            terms = preview(self.booking, party=party, reason=reason)
            done = cancel_booking(
                self.booking, actor=self.admin, party=party, reason=reason, expected_refund=terms.refund
            )
        assert (done.refund, done.kept) == (terms.refund, terms.kept)
        under_way = Refund.objects.committed().exclude(status="completed").filter(booking=self.booking)
        done.booking.refresh_from_db()
        # Once the refunds have arrived nothing is owed to anybody.
        assert done.booking.balance + sum(refund.amount for refund in under_way) == 0

    def proof(self, _: bool) -> None:
        accept_cancellation_proof(self.booking, actor=self.coordinator, proof="Letter")


def offered(currency: str) -> Booking:
    """A booking whose quotation is out, over an awkward amount with tax."""
    booking = bookings.booking_in("accepted", hospital=HospitalFactory(currency=currency))
    line = OfferLine("Surgery", Decimal(CURRENCIES[currency]), tax_rate=Decimal("7"))
    bookings.draft(booking, lines=[line])
    return bookings.step(booking, "quotation_sent")


@pytest.mark.django_db
@pytest.mark.parametrize("currency", CURRENCIES)
def test_whatever_happens_the_books_are_right(currency):
    admin = UserFactory(admin=True)
    starts = {"offered": offered(currency), "agreed": bookings.accept(offered(currency))}

    @settings(max_examples=-(-figures.EXAMPLES // len(CURRENCIES)))
    @given(st.sampled_from(list(starts)), st.lists(STEPS, min_size=1, max_size=8))
    def walk(start, steps):
        here = transaction.savepoint()
        try:
            walker = Walk(Booking.objects.get(pk=starts[start].pk), admin)
            for number, step in enumerate(steps):
                if start == "offered" and number == 1:
                    walker.take(("accept",))
                walker.take(step)
        finally:
            transaction.savepoint_rollback(here)

    walk()
