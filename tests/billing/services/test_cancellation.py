"""Cancelling: which share goes back, from which payment, and what becomes of the invoice."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.billing.models import CreditNote, Invoice, Payment, Refund
from apps.billing.services.adjustments import adjust
from apps.billing.services.bank_transfers import apply_receipt, record_receipt
from apps.billing.services.cancellation import (
    accept_cancellation_proof,
    cancel_booking,
    preview,
    refuse_cancellation_proof,
)
from apps.billing.services.open_payments import withdraw_unwanted
from apps.billing.services.refund_work import send_due_refunds
from apps.billing.services.refunds import request_refund
from apps.bookings.models import Adjustment, CancellationPolicy
from medivoy.core import clock
from tests.factories.billing import begin, decide, owing, pay
from tests.factories.bookings import booking_in, step
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def days_before(booking, days):
    """The clock at noon, so many days before admission at the hospital."""
    day = booking.confirmed_date - timedelta(days=days)
    return clock.at(clock.start_of_day(day, booking.hospital.timezone) + timedelta(hours=12))


def overpay(booking, amount, actor):
    """A bank transfer of so much, whatever is due."""
    receipt = record_receipt(
        actor=actor,
        value_date=clock.today(),
        sender="A. Patient",
        reference="IN 1",
        amount=Decimal(amount),
        currency=booking.currency,
        proof="Statement",
    )
    apply_receipt(receipt, booking, actor=actor)
    booking.refresh_from_db()


def cancel(booking, **given):
    given.setdefault("actor", booking.coordinator)
    given = {"party": "patient", "reason": "changed_mind"} | given
    done = cancel_booking(booking, **given)
    booking.refresh_from_db()
    return done


class TestTerms:
    @pytest.mark.parametrize(
        ("days", "percent", "refund"),
        [
            (60, 100, "1000"),
            (30, 100, "1000"),
            (29, 50, "500"),
            (14, 50, "500"),
            (13, 0, "0"),
            (0, 0, "0"),
            (-2, 0, "0"),
        ],
    )
    def test_the_share_follows_from_the_days_before_admission(self, booking, days, percent, refund):
        pay(booking, "1000.00")
        with days_before(booking, days):
            terms = preview(booking, party="patient", reason="changed_mind")
        assert (terms.days_before, terms.percent, terms.refund) == (days, percent, Decimal(refund))
        assert terms.kept == 1000 - terms.refund
        assert sum(share.amount for share in terms.by_payment) == terms.refund

    def test_the_rules_are_shown_and_the_one_that_applies(self, booking):
        pay(booking)
        with days_before(booking, 20):
            rules = preview(booking, party="patient", reason="price").rules
        assert [(rule.min_days, rule.percent, rule.applies) for rule in rules] == [
            (30, 100, False),
            (14, 50, True),
            (0, 0, False),
        ]

    def test_days_are_counted_in_the_hospitals_dates(self):
        booking = owing(timezone="Pacific/Auckland")
        pay(booking)
        # 30 days before by the clocks of Auckland, while it is still the day before in London.
        day = booking.confirmed_date - timedelta(days=30)
        with clock.at(clock.start_of_day(day, "Pacific/Auckland")):
            assert preview(booking, party="patient", reason="price").days_before == 30
        with clock.at(clock.end_of_day(day, "Pacific/Auckland")):
            assert preview(booking, party="patient", reason="price").days_before == 29

    @pytest.mark.parametrize("party", ["hospital", "platform"])
    def test_where_the_reason_is_not_the_patients_everything_goes_back(self, booking, party):
        pay(booking, "1000.00")
        with days_before(booking, 1):
            terms = preview(booking, party=party, reason="other")
        assert (terms.refund, terms.kept) == (1000, 0)
        assert not any(rule.applies for rule in terms.rules)

    @pytest.mark.parametrize(
        ("currency", "paid", "refund"), [("JPY", "1001", "500"), ("KWD", "100.010", "50.000"), ("USD", "10.01", "5.00")]
    )
    def test_the_share_is_rounded_down_to_what_can_be_paid_t40(self, currency, paid, refund):
        booking = owing(paid, currency)
        pay(booking, paid)
        with days_before(booking, 20):
            assert preview(booking, party="patient", reason="price").refund == Decimal(refund)

    def test_the_newest_payment_goes_back_first(self, booking):
        first, second = pay(booking), pay(booking)
        with days_before(booking, 20):
            shares = preview(booking, party="patient", reason="price").by_payment
        assert [(share.payment, share.amount) for share in shares] == [(second, 500)]
        with days_before(booking, 40):
            shares = preview(booking, party="patient", reason="price").by_payment
        assert [(share.payment, share.amount) for share in shares] == [(second, 800), (first, 200)]

    def test_what_is_agreed_holds_whatever_the_policy_says_now(self, booking):
        pay(booking)
        policy = CancellationPolicy.objects.create(hospital=booking.hospital, name="Strict")
        policy.tiers.create(min_days=0, percent=0)
        assert preview(booking, party="patient", reason="price").refund == 200

    def test_the_hospitals_own_policy_goes_before_the_platforms(self):
        booking = booking_in("quotation_sent")
        policy = CancellationPolicy.objects.create(hospital=booking.hospital, name="Strict")
        policy.tiers.create(min_days=0, percent=10)
        assert preview(booking, party="patient", reason="price").policy_name == "Strict"

    @pytest.mark.parametrize("reason", ["visa_refused", "medically_unfit"])
    def test_a_document_may_better_the_share(self, booking, reason):
        pay(booking, "1000.00")
        with days_before(booking, 20):
            terms = preview(booking, party="patient", reason=reason)
        assert (terms.refund, terms.refund_with_proof) == (500, 1000)

    def test_no_document_is_wanted_where_everything_goes_back_anyway(self, booking):
        pay(booking)
        assert preview(booking, party="patient", reason="visa_refused").refund_with_proof is None

    def test_it_writes_nothing(self, booking):
        pay(booking)
        before = booking.version
        preview(booking, party="patient", reason="price")
        booking.refresh_from_db()
        assert (booking.version, Refund.objects.count()) == (before, 0)

    def test_what_cannot_be_cancelled_has_no_terms(self):
        with refused("illegal_transition"):
            preview(booking_in("completed"), party="patient", reason="price")

    def test_nor_can_a_patient_once_treatment_began(self):
        booking = booking_in("in_treatment")
        with refused("illegal_transition"):
            preview(booking, actor=booking.patient.user)
        assert preview(booking, actor=booking.hospital.admin_user, reason="other").party == "hospital"


class TestCancel:
    def test_half_goes_back_and_the_account_is_even(self, booking):
        pay(booking, "1000.00")
        with days_before(booking, 20):
            done = cancel(booking)
            assert (done.refund, done.kept, done.is_new) == (500, 500, True)
            assert (booking.status, booking.balance, booking.payment_status) == ("cancelled", -500, "overpaid")
            assert [(r.amount, r.status, r.is_by_policy) for r in done.refunds] == [(500, "approved", True)]
            assert send_due_refunds() == 1
        booking.refresh_from_db()
        assert (booking.balance, booking.payment_status) == (0, "partially_refunded")
        assert booking.waiting_on == "nobody"

    def test_everything_back_is_refunded(self, booking):
        pay(booking)
        cancel(booking)
        send_due_refunds()
        booking.refresh_from_db()
        assert (booking.amount_refunded, booking.balance, booking.payment_status) == (200, 0, "refunded")

    def test_nothing_back_is_kept(self, booking):
        pay(booking)
        with days_before(booking, 3):
            done = cancel(booking)
        assert (done.refund, done.refunds, booking.amount_kept) == (0, (), 200)
        assert (booking.balance, booking.payment_status) == (0, "payment_completed")

    def test_where_nothing_was_paid_nothing_is_owed(self, booking):
        cancel(booking)
        assert (booking.amount_kept, booking.balance, booking.payment_status) == (0, 0, "unpaid")

    def test_what_the_asker_saw_must_still_hold(self, booking):
        pay(booking)
        with refused("refund_changed"):
            cancel(booking, expected_refund=Decimal("199.00"))
        booking.refresh_from_db()
        assert booking.status == "payment_pending"
        assert cancel(booking, expected_refund=Decimal("200.00")).refund == 200

    def test_cancelled_again_it_stays_as_it_is(self, booking):
        pay(booking)
        first, second = cancel(booking), cancel(booking)
        assert second.is_new is False
        assert (second.refund, second.kept, second.refunds) == (first.refund, first.kept, first.refunds)
        assert Refund.objects.count() == 1

    def test_an_open_attempt_is_withdrawn_at_its_gateway(self, booking):
        payment = begin(booking)
        cancel(booking)
        payment.refresh_from_db()
        assert payment.status == "pending"
        assert withdraw_unwanted() == 1
        payment.refresh_from_db()
        assert payment.status == "cancelled"

    def test_one_that_was_paid_meanwhile_is_held(self, booking):
        decide(begin(booking))
        cancel(booking)
        withdraw_unwanted()
        booking.refresh_from_db()
        assert (booking.amount_paid, booking.balance, booking.payment_status) == (200, -200, "overpaid")

    def test_a_gateway_that_is_away_is_asked_again(self, booking, gateway):
        payment = begin(booking, gateway="stripe")
        cancel(booking)
        gateway.is_away = True
        assert withdraw_unwanted() == 1
        assert withdraw_unwanted() == 0
        gateway.is_away = False
        with clock.at(clock.now() + timedelta(minutes=3)):
            assert withdraw_unwanted() == 1
        payment.refresh_from_db()
        assert payment.status == "cancelled"

    def test_an_announced_transfer_is_withdrawn_at_once(self, booking):
        begin(booking, gateway="bank_transfer")
        cancel(booking)
        assert Payment.objects.get().status == "cancelled"
        assert booking.transfer_open_since is None

    def test_refunds_that_nobody_approved_give_way_to_the_policy(self, booking, coordinator):
        payment = pay(booking, "1000.00")
        asked = request_refund(payment, actor=coordinator, amount=Decimal("900"))
        with days_before(booking, 20):
            assert cancel(booking).refund == 500
        asked.refresh_from_db()
        assert asked.status == "rejected"

    def test_refunds_on_their_way_are_not_given_twice(self, booking, coordinator, admin):
        payment = pay(booking, "1000.00")
        request_refund(payment, actor=coordinator, amount=Decimal("300"))
        Refund.objects.update(status="approved", approved_by=admin)
        with days_before(booking, 20):
            done = cancel(booking)
            assert (done.refund, done.kept) == (350, 350)
            send_due_refunds()
        booking.refresh_from_db()
        assert (booking.amount_refunded, booking.balance) == (650, 0)

    def test_what_was_adjusted_does_not_count_twice(self, booking, coordinator):
        adjust(booking, actor=coordinator, kind="goodwill", amount=Decimal("50"), reason="Late car")
        pay(booking, "950.00")
        with days_before(booking, 20):
            done = cancel(booking)
            send_due_refunds()
        booking.refresh_from_db()
        assert (done.refund, done.kept, booking.balance) == (475, 475, 0)
        assert sum(row.amount for row in Adjustment.objects.all()) == 0

    def test_what_was_paid_beyond_the_agreed_total_always_goes_back(self, booking, coordinator):
        pay(booking)
        overpay(booking, "900.00", coordinator)
        assert booking.balance == -100
        with days_before(booking, 3):
            done = cancel(booking)
        assert (done.refund, done.kept) == (100, 1000)

    @pytest.mark.parametrize("held", [False, True])
    def test_a_held_case_can_be_cancelled(self, booking, held):
        pay(booking)
        if held:
            step(booking, "on_hold", reason="personal", review_on=booking.local_today())
        assert cancel(booking).refund == 200


class TestProof:
    @pytest.fixture
    def cancelled(self, booking):
        pay(booking, "1000.00")
        with days_before(booking, 20):
            cancel(booking, reason="visa_refused")
            send_due_refunds()
        booking.refresh_from_db()
        return booking

    def test_the_ordinary_share_goes_back_at_once_and_the_case_waits(self, cancelled):
        assert (cancelled.amount_refunded, cancelled.amount_kept) == (500, 500)
        assert (cancelled.cancel_proof_wanted, cancelled.waiting_on) == (True, "coordinator")

    def test_the_document_gives_the_rest(self, cancelled, coordinator):
        done = accept_cancellation_proof(cancelled, actor=coordinator, proof="Letter of the embassy")
        assert (done.refund, done.kept) == (500, 0)
        send_due_refunds()
        cancelled.refresh_from_db()
        assert (cancelled.payment_status, cancelled.balance) == ("refunded", 0)
        assert (cancelled.cancel_proof_wanted, cancelled.waiting_on) == (False, "nobody")
        assert Invoice.objects.get().status == "void"

    def test_once_only(self, cancelled, coordinator):
        accept_cancellation_proof(cancelled, actor=coordinator, proof="Letter")
        with refused("no_proof_wanted"):
            accept_cancellation_proof(cancelled, actor=coordinator, proof="Letter")
        assert sum(refund.amount for refund in Refund.objects.all()) == 1000

    def test_a_document_that_proves_nothing_leaves_it_as_it_is(self, cancelled, coordinator):
        refuse_cancellation_proof(cancelled, actor=coordinator, reason="Of another person")
        cancelled.refresh_from_db()
        assert (cancelled.amount_kept, cancelled.balance, cancelled.waiting_on) == (500, 0, "nobody")

    def test_it_says_which_document(self, cancelled, coordinator):
        with refused("validation_error"):
            accept_cancellation_proof(cancelled, actor=coordinator, proof=" ")


class TestInvoice:
    def test_it_is_credited_for_what_is_not_kept(self, booking):
        pay(booking, "1000.00")
        with days_before(booking, 20):
            cancel(booking)
        note, invoice = CreditNote.objects.get(), Invoice.objects.get()
        assert (note.amount, note.invoice, invoice.status) == (500, invoice, "paid")
        assert note.credit_note_number.startswith("CN-MV-")

    def test_credited_in_full_it_is_void(self, booking):
        pay(booking, "1000.00")
        cancel(booking)
        assert (CreditNote.objects.get().amount, Invoice.objects.get().status) == (1000, "void")
        assert booking.invoiced_at is None

    def test_where_everything_is_kept_it_stands(self, booking):
        pay(booking, "1000.00")
        with days_before(booking, 2):
            cancel(booking)
        assert (CreditNote.objects.count(), Invoice.objects.get().status) == (0, "paid")
