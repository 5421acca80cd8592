"""Many at the same moment: one attempt to pay, one settlement, one refund, numbers without a gap, events once.

Each has a negative control: with the lock (and the constraint behind it) off, the same contenders do damage.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import connection

from apps.billing.models import GatewayEvent, Invoice, Payment, Receipt, Refund, SandboxRefund
from apps.billing.services import captures, invoices, locking, payments, refunds
from apps.billing.services.gateway_events import apply_event
from apps.billing.services.refund_work import send_due_refunds
from apps.bookings.models import Booking, BookingEvent
from apps.notifications.models import Notification
from medivoy.core.errors import DomainError
from tests import figures
from tests.billing.ledger import check_ledger
from tests.client import ApiClient
from tests.factories.accounts import UserFactory
from tests.factories.billing import begin, decide, event_of, owing, pay, post_webhook
from tests.race import contend

pytestmark = pytest.mark.django_db(transaction=True)

rounds = pytest.mark.parametrize("nth", range(figures.ROUNDS))


def unlocked(booking_id, **_seen) -> Booking:
    """The booking without its lock, and time for the others to do the same."""
    booking = Booking.objects.select_related("hospital__admin_user", "patient__user", "coordinator").get(pk=booking_id)
    time.sleep(0.1)
    return booking


def unlocked_payment(payment_id) -> Payment:
    payment = Payment.objects.get(pk=payment_id)
    payment.booking = unlocked(payment.booking_id)
    return payment


@contextmanager
def without_unique(table: str, name: str) -> Iterator[None]:
    """The table without its unique index or constraint; its rows are gone when the index is back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef(%s::regclass)", [name])
        (definition,) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE conname = %s", [name])
        (is_constraint,) = cursor.fetchone()
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}" if is_constraint else f"DROP INDEX {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET session_replication_role = replica; TRUNCATE {table} CASCADE; RESET session_replication_role"
            )
            cursor.execute(definition)
            if is_constraint:
                cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE USING INDEX {name}")


class TestDoublePayment:
    def start_at_once(self, booking):
        patient = booking.patient.user

        def start(number):
            body = {"booking_id": str(booking.pk), "payment_gateway": "sandbox"}
            return ApiClient().as_(patient).post("/payments", body)

        return contend(start)

    @rounds
    def test_there_is_one_open_attempt_t36(self, nth, booking):
        answers = self.start_at_once(booking)
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: figures.CONTENDERS - 1}
        assert len({answer.json()["data"]["id"] for answer in answers}) == 1
        assert len({answer.json()["data"]["checkout_url"] for answer in answers}) == 1
        assert Payment.objects.count() == 1

    def test_without_lock_and_constraint_there_are_more(self, booking, monkeypatch):
        monkeypatch.setattr(payments, "lock", unlocked)
        with without_unique("payments", "one_open_payment_per_booking"):
            self.start_at_once(booking)
            assert Payment.objects.count() > 1

    @rounds
    def test_wishes_that_differ_leave_one_open_attempt_and_right_books(self, nth, booking):
        def start(number):
            body = {"booking_id": str(booking.pk), "payment_gateway": ("sandbox", "bank_transfer")[number % 2]}
            if number % 3:
                body["amount"] = "1000.00"
            return ApiClient().as_(booking.patient.user).post("/payments", body).status_code

        codes = contend(start)
        assert set(codes) <= {200, 201, 409}
        assert Payment.objects.open().count() <= 1
        check_ledger(booking.pk)


class TestSettledOnce:
    def tell_at_once(self, payment):
        """Webhooks of one event, webhooks of events of their own, and questions of the patient."""

        def tell(number):
            match number % 3:
                case 0:
                    return post_webhook(ApiClient(), event_of(payment, id="evt_same")).status_code
                case 1:
                    return post_webhook(ApiClient(), event_of(payment, id=f"evt_{number}")).status_code
                case _:
                    patient = ApiClient().as_(payment.patient.user)
                    return patient.get(f"/payments/{payment.pk}/status").status_code

        return contend(tell)

    def effects(self, payment):
        completed = BookingEvent.objects.filter(kind="payment", data__status="completed").count()
        told = Notification.objects.filter(type="receipt_ready", user=payment.patient.user, channel="email").count()
        return completed, Receipt.objects.count(), told

    @rounds
    def test_however_often_it_is_told_t32(self, nth, booking):
        payment = begin(booking)
        decide(payment)
        assert set(self.tell_at_once(payment)) == {200}
        assert self.effects(payment) == (1, 1, 1)
        check_ledger(booking.pk)

    def test_without_lock_and_constraint_it_is_settled_more_often(self, booking, monkeypatch):
        payment = begin(booking)
        decide(payment)
        for module in (payments, captures, locking):
            monkeypatch.setattr(module, "lock_payment", unlocked_payment, raising=False)
        monkeypatch.setattr("apps.billing.services.gateway_events.lock_payment", unlocked_payment)
        with without_unique("receipts", "receipts_payment_id_key"):
            self.tell_at_once(payment)
            assert self.effects(payment)[0] > 1


class TestDoubleRefund:
    def ask_at_once(self, payment):
        staff = [UserFactory(coordinator=True) for _ in range(figures.CONTENDERS)]

        def ask(number):
            answer = ApiClient().as_(staff[number]).post(f"/payments/{payment.pk}/refund", {"amount": "300.00"})
            return answer.status_code

        return Counter(contend(ask))

    @rounds
    def test_never_more_than_what_is_left_t35(self, nth, booking):
        payment = pay(booking, "1000.00")
        assert self.ask_at_once(payment) == {201: 3, 409: figures.CONTENDERS - 3}
        assert sum(refund.amount for refund in Refund.objects.all()) == 900

    def test_without_the_lock_it_is_more(self, booking, monkeypatch):
        payment = pay(booking, "1000.00")
        monkeypatch.setattr(refunds, "lock_payment", unlocked_payment)
        self.ask_at_once(payment)
        assert sum(refund.amount for refund in Refund.objects.all()) > 1000

    @rounds
    def test_workers_at_the_same_moment_send_each_refund_once(self, nth, booking, coordinator, admin):
        payment = pay(booking, "1000.00")
        for _refund in range(5):
            refund = refunds.request_refund(payment, actor=coordinator, amount=Decimal("100.00"))
            refunds.approve_refund(refund, actor=admin)
        taken = contend(lambda number: send_due_refunds())
        assert sum(taken) == 5
        assert SandboxRefund.objects.count() == 5
        booking.refresh_from_db()
        assert booking.amount_refunded == 500
        check_ledger(booking.pk)


class TestInvoiceNumbers:
    def settle_at_once(self):
        cases = [owing() for _ in range(figures.CONTENDERS)]
        waiting = [begin(case, "1000.00") for case in cases]
        for payment in waiting:
            decide(payment)
        results = contend(lambda number: payments.ask_gateway(waiting[number]))
        numbers = sorted(Invoice.objects.values_list("invoice_number", flat=True))
        return results, [int(number[-6:]) for number in numbers]

    @rounds
    def test_they_have_no_gap_t41(self, nth):
        results, numbers = self.settle_at_once()
        assert not [result for result in results if isinstance(result, Exception)]
        assert numbers == list(range(1, figures.CONTENDERS + 1))

    def test_counted_without_the_lock_they_collide(self, monkeypatch):
        def count(series):
            number = Invoice.objects.count() + 1
            time.sleep(0.1)
            return number

        monkeypatch.setattr(invoices, "next_gapless", count)
        results, numbers = self.settle_at_once()
        assert [result for result in results if isinstance(result, Exception)]
        assert len(numbers) < figures.CONTENDERS

    @rounds
    def test_one_booking_has_one(self, nth, booking, admin):
        pay(booking, "1000.00")
        body = {"booking_id": str(booking.pk)}
        answers = contend(lambda number: ApiClient().as_(admin).post("/invoices", body))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["data"]["id"] for answer in answers}) == 1


class TestGatewayEvents:
    def stored(self, booking, monkeypatch):
        payment = begin(booking)
        monkeypatch.setattr("apps.billing.services.gateway_events._apply", lambda events: 0)
        post_webhook(ApiClient(), event_of(payment))
        monkeypatch.undo()
        return GatewayEvent.objects.get()

    @rounds
    def test_one_is_applied_once_t32(self, nth, booking, monkeypatch):
        event = self.stored(booking, monkeypatch)
        applied = contend(lambda number: apply_event(event.pk))
        assert sum(applied) == 1
        event.refresh_from_db()
        assert (event.attempts, event.outcome) == (1, "applied")

    def test_without_the_lock_it_is_applied_more_often(self, booking, monkeypatch):
        event = self.stored(booking, monkeypatch)
        monkeypatch.setattr(type(GatewayEvent.objects.all()), "select_for_update", lambda rows, **_how: rows)
        assert sum(contend(lambda number: apply_event(event.pk))) > 1

    def test_many_events_three_times_in_any_order_have_their_effect_once(self, monkeypatch):
        """The figure of threats.md: 1,000 events × 3, shuffled; small on each run."""
        waiting = [begin(owing()) for _ in range(max(figures.CONTENDERS, 10))]
        posts = [(payment, status) for payment in waiting for status in ("failed", "captured", "captured")]
        posts = sorted(posts * 3, key=lambda post: hash((post[0].pk, time.monotonic_ns())))

        def post(number):
            mine = posts[number :: figures.CONTENDERS]
            return [post_webhook(ApiClient(), event_of(payment, status)).status_code for payment, status in mine]

        codes = contend(post)
        assert {code for mine in codes for code in mine} == {200}
        assert Receipt.objects.count() == len(waiting)
        assert set(Payment.objects.values_list("status", flat=True)) == {"completed"}
        for payment in waiting:
            check_ledger(payment.booking_id)


class TestCancelAndPay:
    @rounds
    def test_whichever_comes_first_the_books_are_right_t37(self, nth, booking):
        payment = begin(booking, "1000.00")
        decide(payment)

        def act(number):
            if number % 2:
                return payments.ask_gateway(payment)
            body = {"status": "cancelled", "party": "patient", "reason": "changed_mind"}
            return ApiClient().as_(booking.coordinator).patch(f"/bookings/{booking.pk}/status", body)

        results = contend(act)
        faults = [r for r in results if isinstance(r, Exception) and not isinstance(r, DomainError)]
        assert not faults
        booking.refresh_from_db()
        assert (booking.status, booking.amount_paid) == ("cancelled", 1000)
        # Either it was paid first and all goes back, or it came late and all is owed.
        send_due_refunds()
        check_ledger(booking.pk)
        booking.refresh_from_db()
        assert booking.balance in (0, -1000)
