"""POST /payments/:id/confirm: a bank transfer, read off the bank's statement."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.billing.models import BankReceipt, Payment
from apps.billing.services.bank_transfers import apply_receipt, record_receipt
from apps.notifications.models import Notification
from medivoy.core import clock
from tests.factories.accounts import UserFactory, people
from tests.factories.billing import begin, owing
from tests.factories.bookings import step
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def statement(**changes):
    return {
        "value_date": clock.today().isoformat(),
        "sender": "A. Patient",
        "reference": "RF18 5390 0754",
        "amount": "200.00",
        "currency": "USD",
        "proof": "Statement 47, line 3",
    } | changes


@pytest.fixture
def payment(booking):
    return begin(booking, gateway="bank_transfer")


def confirm(api, payment, actor, **changes):
    return api.as_(actor).post(f"/payments/{payment.pk}/confirm", statement(**changes))


class TestBelowTheLimit:
    def test_one_person_completes_it(self, api, payment, coordinator):
        answer = confirm(api, payment, coordinator)
        assert (answer.status_code, answer.json()["data"]["status"]) == (200, "completed")
        payment.booking.refresh_from_db()
        assert (payment.booking.amount_paid, payment.booking.transfer_open_since) == (200, None)
        assert payment.booking.waiting_on == "coordinator"  # the deposit is there: arrange the journey

    @pytest.mark.parametrize(("amount", "status"), [("150.00", "partially_paid"), ("1200.00", "overpaid")])
    def test_the_payment_takes_the_amount_received(self, api, payment, coordinator, amount, status):
        data = confirm(api, payment, coordinator, amount=amount).json()["data"]
        assert data["amount"] == amount
        payment.booking.refresh_from_db()
        assert payment.booking.payment_status == status

    def test_another_currency_is_refused(self, api, payment, coordinator):
        answer = confirm(api, payment, coordinator, currency="EUR")
        assert answer.status_code == 400
        assert "currency" in answer.json()["errors"]
        assert not BankReceipt.objects.exists()

    @pytest.mark.parametrize("field", ["value_date", "sender", "reference", "amount", "currency", "proof"])
    def test_each_part_of_the_statement_is_needed(self, api, payment, coordinator, field):
        body = {key: value for key, value in statement().items() if key != field}
        answer = api.as_(coordinator).post(f"/payments/{payment.pk}/confirm", body)
        assert answer.status_code == 400
        assert field in answer.json()["errors"]

    @pytest.mark.parametrize(
        "change",
        [
            {"amount": "0"},
            {"amount": "200.001"},
            {"reference": "  "},
            {"reference": "\u200b"},
            {"value_date": "2020-02-30"},
            {"value_date": (clock.today() + timedelta(days=3)).isoformat()},
        ],
    )
    def test_what_cannot_be_on_a_statement_is_refused(self, api, payment, coordinator, change):
        assert confirm(api, payment, coordinator, **change).status_code == 400

    def test_a_card_payment_is_not_confirmed_by_hand(self, api, booking, coordinator):
        answer = confirm(api, begin(booking), coordinator)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_a_bank_transfer")

    @pytest.mark.parametrize("role", ["patient", "doctor", "hospital_admin", "translator"])
    def test_other_roles_confirm_nothing(self, api, payment, role):
        assert confirm(api, payment, people()[role]).status_code == 403

    def test_money_for_an_attempt_that_was_withdrawn_is_still_money(self, api, payment, coordinator):
        begin(payment.booking)
        payment.refresh_from_db()
        assert payment.status == "cancelled"
        assert confirm(api, payment, coordinator).json()["data"]["status"] == "completed"

    def test_money_for_a_cancelled_booking_is_held_and_told(self, api, payment, coordinator, admin):
        step(payment.booking, "cancelled", party="patient", reason="changed_mind")
        confirm(api, payment, admin)
        payment.booking.refresh_from_db()
        assert payment.booking.payment_status == "overpaid"
        assert Notification.objects.filter(type="money_for_cancelled_booking", user=coordinator).exists()


class TestReferenceCountsOnce:
    def test_the_same_confirmation_again_changes_nothing(self, api, payment, coordinator):
        first, second = confirm(api, payment, coordinator), confirm(api, payment, coordinator)
        assert second.status_code == 200
        assert first.json()["data"] == second.json()["data"]
        assert BankReceipt.objects.count() == 1

    @pytest.mark.parametrize(
        "written",
        [
            "RF18-5390 0754",
            "rf18-5390  0754",
            " RF18-5390 0754 ",
            "RF18\u20135390 0754",
            "RF\u200b18-5390 0754",
            "\uff32\uff2618-5390\u00a00754",
        ],
    )
    def test_another_payment_cannot_have_it(self, api, payment, coordinator, written):
        confirm(api, payment, coordinator, reference="RF18-5390 0754")
        other = begin(owing(), gateway="bank_transfer")
        answer = confirm(api, other, coordinator, reference=written)
        assert (answer.status_code, answer.json()["code"]) == (409, "reference_used")
        other.refresh_from_db()
        assert other.status == "pending"

    def test_nor_the_same_payment_another_one(self, api, payment, coordinator):
        confirm(api, payment, coordinator)
        answer = confirm(api, payment, coordinator, reference="ANOTHER")
        assert (answer.status_code, answer.json()["code"]) == (409, "already_confirmed")


class TestAboveTheLimit:
    @pytest.fixture
    def payment(self):
        return begin(owing("60000.00"), gateway="bank_transfer")

    @pytest.fixture
    def coordinator(self, payment):
        return payment.booking.coordinator

    def test_a_second_person_completes_it(self, api, payment, coordinator, admin):
        first = confirm(api, payment, coordinator, amount="12000.00")
        assert (first.status_code, first.json()["data"]["status"]) == (200, "processing")
        payment.booking.refresh_from_db()
        assert (payment.booking.amount_paid, payment.booking.waiting_on) == (0, "coordinator")
        assert Notification.objects.filter(type="transfer_to_confirm", user=admin).exists()
        second = confirm(api, payment, admin, amount="12000.00")
        assert second.json()["data"]["status"] == "completed"
        receipt = BankReceipt.objects.get()
        assert (receipt.recorded_by, receipt.confirmed_by) == (coordinator, admin)

    def test_the_same_person_does_not(self, api, payment, coordinator):
        confirm(api, payment, coordinator, amount="12000.00")
        answer = confirm(api, payment, coordinator, amount="12000.00")
        assert (answer.status_code, answer.json()["code"]) == (409, "second_person_needed")
        payment.refresh_from_db()
        assert payment.status == "processing"

    def test_two_people_who_read_another_amount_do_not(self, api, payment, coordinator, admin):
        confirm(api, payment, coordinator, amount="12000.00")
        assert confirm(api, payment, admin, amount="12000.01").status_code == 400
        assert confirm(api, payment, admin, amount="12000.00", reference="X").json()["code"] == "already_confirmed"

    def test_counted_money_keeps_the_place_of_the_open_attempt(self, api, payment, coordinator):
        confirm(api, payment, coordinator, amount="12000.00")
        body = {"booking_id": str(payment.booking_id), "payment_gateway": "sandbox"}
        answer = api.as_(payment.patient.user).post("/payments", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "payment_in_progress")

    def test_a_cancellation_leaves_counted_money_to_the_second_person(self, api, payment, coordinator, admin):
        confirm(api, payment, coordinator, amount="12000.00")
        step(payment.booking, "cancelled", party="patient", reason="changed_mind")
        payment.refresh_from_db()
        assert payment.status == "processing"
        confirm(api, payment, admin, amount="12000.00")
        payment.booking.refresh_from_db()
        assert payment.booking.balance == -12000

    @pytest.mark.parametrize(
        ("currency", "total", "alone"),
        [("JPY", "7000000", True), ("JPY", "8000000", False), ("KWD", "14000.000", True), ("KWD", "16000.000", False)],
    )
    def test_the_limit_is_read_in_the_currency(self, api, admin, currency, total, alone):
        payment = begin(owing(total, currency), gateway="bank_transfer")
        data = confirm(api, payment, admin, amount=f"{payment.amount:f}", currency=currency).json()["data"]
        assert data["status"] == ("completed" if alone else "processing")


class TestUnmatchedReceipts:
    def record(self, actor, **changes):
        fields = statement(**changes)
        return record_receipt(
            actor=actor,
            **fields | {"value_date": clock.today(), "amount": Decimal(fields["amount"])},
        )

    def test_money_nobody_knows_is_kept_and_booked_later(self, booking, coordinator):
        receipt = self.record(coordinator)
        assert list(BankReceipt.objects.unmatched()) == [receipt]
        payment = apply_receipt(receipt, booking, actor=coordinator)
        assert (payment.status, payment.amount, payment.payment_gateway) == ("completed", 200, "bank_transfer")
        assert not BankReceipt.objects.unmatched().exists()

    def test_it_takes_the_transfer_that_was_announced(self, payment, coordinator):
        assert apply_receipt(self.record(coordinator), payment.booking, actor=coordinator).pk == payment.pk

    def test_confirming_finds_the_kept_money_by_its_reference(self, api, payment, coordinator):
        receipt = self.record(coordinator)
        assert confirm(api, payment, coordinator).json()["data"]["status"] == "completed"
        receipt.refresh_from_db()
        assert receipt.payment == payment

    def test_it_is_booked_once(self, booking, coordinator):
        receipt = self.record(coordinator)
        first = apply_receipt(receipt, booking, actor=coordinator)
        assert apply_receipt(receipt, booking, actor=coordinator) == first
        with refused("receipt_already_applied"):
            apply_receipt(receipt, owing(), actor=coordinator)
        with refused("reference_used"):
            self.record(coordinator)

    def test_not_while_another_way_to_pay_is_open(self, booking, coordinator):
        begin(booking)
        with refused("payment_in_progress"):
            apply_receipt(self.record(coordinator), booking, actor=coordinator)

    def test_not_in_another_currency(self, booking, coordinator):
        with refused("validation_error"):
            apply_receipt(self.record(coordinator, currency="EUR"), booking, actor=coordinator)

    def test_above_the_limit_whoever_recorded_it_needs_another_person(self):
        booking, other = owing("60000.00"), UserFactory(admin=True)
        who = booking.coordinator
        receipt = self.record(who, amount="12000.00")
        assert apply_receipt(receipt, booking, actor=who).status == "processing"
        with refused("second_person_needed"):
            apply_receipt(receipt, booking, actor=who)
        assert apply_receipt(receipt, booking, actor=other).status == "completed"
        assert Payment.objects.count() == 1
