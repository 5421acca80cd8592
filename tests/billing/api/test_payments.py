"""/payments: what may be paid, by whom, and how attempts follow one another."""

import uuid

import pytest
from django.test import override_settings

from apps.billing.models import Payment
from apps.bookings.models import BookingEvent
from tests.factories.accounts import UserFactory, people
from tests.factories.billing import begin, decide, owing, pay
from tests.factories.bookings import booking_in

pytestmark = pytest.mark.django_db


def start(api, booking, actor=None, headers=None, **body):
    wish = {"booking_id": str(booking.pk), "payment_gateway": "sandbox"} | body
    return api.as_(actor or booking.patient.user).post("/payments", wish, headers=headers)


class TestStart:
    def test_the_next_milestone_is_paid_where_no_amount_is_named(self, api, booking):
        answer = start(api, booking)
        assert answer.status_code == 201
        data = answer.json()["data"]
        assert (data["amount"], data["currency"], data["status"]) == ("200.00", "USD", "pending")
        assert "/sandbox/checkout/" in data["checkout_url"]
        assert data["transaction_id"].startswith("TX-")
        assert data["patient_id"] == str(booking.patient_id)

    @pytest.mark.parametrize("amount", ["200.00", 200, 200.0, "1000.00"])
    def test_the_next_milestone_or_the_whole_balance_may_be_named(self, api, booking, amount):
        assert start(api, booking, amount=amount, currency="USD").status_code == 201

    @pytest.mark.parametrize("amount", ["199.99", "200.01", "1", "800.00", "999999999999999"])
    def test_anything_else_is_not_due_t30(self, api, booking, amount):
        answer = start(api, booking, amount=amount)
        assert (answer.status_code, answer.json()["code"]) == (400, "amount_not_due")
        assert not Payment.objects.exists()

    @pytest.mark.parametrize("amount", ["0", "-200", "2e2", "NaN", "200.001", True, [], {}, "", None, "200,00"])
    def test_what_is_no_amount_is_refused(self, api, booking, amount):
        assert start(api, booking, amount=amount, currency="USD").status_code == 400

    def test_another_currency_is_refused_t40(self, api, booking):
        answer = start(api, booking, amount="200.00", currency="EUR")
        assert answer.status_code == 400
        assert "currency" in answer.json()["errors"]

    @pytest.mark.parametrize("gateway", ["stripe", "paypal", "", None, 3])
    def test_a_gateway_that_is_not_here_is_refused(self, api, booking, gateway):
        answer = start(api, booking, payment_gateway=gateway)
        assert answer.status_code == 400
        assert "payment_gateway" in answer.json()["errors"]

    @override_settings(SANDBOX_GATEWAY=False)
    def test_the_sandbox_takes_nothing_where_it_is_off(self, api, booking):
        assert start(api, booking).status_code == 400

    def test_anothers_booking_is_refused_like_an_unknown_one(self, api, booking):
        stranger = UserFactory()
        of_another = start(api, booking, actor=stranger)
        unknown = api.as_(stranger).post("/payments", {"booking_id": str(uuid.uuid4()), "payment_gateway": "sandbox"})
        assert of_another.status_code == unknown.status_code == 400
        assert of_another.json()["errors"] == unknown.json()["errors"]

    def test_a_bank_transfer_says_where_to_send_the_money(self, api, booking):
        data = start(api, booking, payment_gateway="bank_transfer").json()["data"]
        assert data["bank_account"]["transfer_reference"] == data["transaction_id"]
        assert data["checkout_url"] is None
        booking.refresh_from_db()
        assert booking.waiting_on == "coordinator"

    @pytest.mark.parametrize("status", ["requested", "quotation_sent", "invoice_sent", "cancelled"])
    def test_where_nothing_is_owed_nothing_is_paid(self, api, status):
        answer = start(api, booking_in(status))
        assert (answer.status_code, answer.json()["code"]) == (400, "amount_not_due")

    def test_once_the_deposit_is_paid_the_rest_is_due(self, api, booking):
        pay(booking)
        assert start(api, booking).json()["data"]["amount"] == "800.00"

    def test_a_coordinator_begins_it_for_the_patient(self, api, booking, coordinator):
        data = start(api, booking, actor=coordinator).json()["data"]
        assert data["checkout_url"]

    @pytest.mark.parametrize(("role", "status"), [("doctor", 403), ("hospital_admin", 403), ("translator", 403)])
    def test_other_roles_pay_nothing(self, api, booking, role, status):
        assert start(api, booking, actor=people()[role]).status_code == status

    def test_an_unproven_address_pays_nothing(self, api, booking):
        booking.patient.user.is_verified = False
        booking.patient.user.save()
        answer = start(api, booking)
        assert (answer.status_code, answer.json()["code"]) == (403, "email_not_verified")

    def test_nobody_signed_in_pays_nothing(self, api, booking):
        assert api.post("/payments", {"booking_id": str(booking.pk)}).status_code == 401

    def test_keys_of_the_server_in_the_body_are_not_written(self, api, booking):
        data = start(api, booking, status="completed", mismatch="x", patient_id=str(uuid.uuid4())).json()["data"]
        assert data["status"] == "pending"
        assert data["patient_id"] == str(booking.patient_id)


class TestOneOpenAttempt:
    def test_the_same_wish_returns_the_open_attempt_t36(self, api, booking):
        first, second = start(api, booking), start(api, booking, amount="200.00")
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json()["data"] == second.json()["data"]

    def test_another_amount_withdraws_the_first_attempt_at_its_gateway(self, api, booking):
        first, second = start(api, booking), start(api, booking, amount="1000.00")
        assert second.status_code == 201
        payment = Payment.objects.get(pk=first.json()["data"]["id"])
        assert payment.status == "cancelled"
        assert [p.amount for p in Payment.objects.open()] == [1000]

    def test_another_gateway_withdraws_an_announced_transfer(self, api, booking):
        start(api, booking, payment_gateway="bank_transfer")
        assert start(api, booking).status_code == 201
        assert {p.payment_gateway: p.status for p in Payment.objects.all()} == {
            "bank_transfer": "cancelled",
            "sandbox": "pending",
        }

    def test_an_attempt_that_was_paid_meanwhile_counts_and_the_wish_is_judged_anew(self, api, booking):
        decide(begin(booking))
        answer = start(api, booking, amount="1000.00")
        assert (answer.status_code, answer.json()["code"]) == (400, "amount_not_due")
        booking.refresh_from_db()
        assert booking.amount_paid == 200

    def test_a_gateway_that_cannot_withdraw_keeps_the_place(self, api, booking, gateway):
        start(api, booking, payment_gateway="stripe")
        gateway.is_away = True
        answer = start(api, booking)
        assert (answer.status_code, answer.json()["code"]) == (409, "payment_in_progress")
        assert Payment.objects.get().status == "pending"

    def test_money_under_way_at_the_gateway_keeps_the_place(self, api, booking, gateway):
        start(api, booking, payment_gateway="stripe")
        gateway.state = "processing"
        assert start(api, booking).json()["code"] == "payment_in_progress"
        assert Payment.objects.get().status == "processing"


class TestGatewayAway:
    def test_the_payment_stays_pending_and_the_next_try_takes_it_up(self, api, booking, gateway):
        gateway.is_away = True
        answer = start(api, booking, payment_gateway="stripe")
        assert (answer.status_code, answer.json()["code"]) == (503, "gateway_unavailable")
        assert answer.headers["Retry-After"]
        payment = Payment.objects.get()
        assert payment.status == "pending"
        gateway.is_away = False
        again = start(api, booking, payment_gateway="stripe")
        assert again.status_code == 200
        assert again.json()["data"]["id"] == str(payment.pk)
        assert again.json()["data"]["client_secret"]

    def test_with_a_key_the_retry_resumes_the_same_payment_as_new(self, api, booking, gateway):
        gateway.is_away = True
        key = {"Idempotency-Key": "once"}
        assert start(api, booking, headers=key, payment_gateway="stripe").status_code == 503
        gateway.is_away = False
        again = start(api, booking, headers=key, payment_gateway="stripe")
        assert again.status_code == 201
        assert again.json()["data"]["id"] == str(Payment.objects.get().pk)
        starts = [order.id for name, order in gateway.calls if name == "start"]
        assert set(starts) == {Payment.objects.get().pk}

    def test_a_refusal_for_good_fails_the_payment(self, api, booking, gateway):
        gateway.refuses = True
        answer = start(api, booking, payment_gateway="stripe")
        assert (answer.status_code, answer.json()["code"]) == (409, "gateway_refused")
        assert Payment.objects.get().status == "failed"


class TestIdempotencyKey:
    def test_the_same_key_gives_the_first_answer_again(self, api, booking):
        key = {"Idempotency-Key": "k1"}
        first, second = start(api, booking, headers=key), start(api, booking, headers=key)
        assert first.status_code == second.status_code == 201
        assert first.json() == second.json()
        assert Payment.objects.count() == 1

    def test_another_body_under_the_key_is_refused(self, api, booking):
        key = {"Idempotency-Key": "k1"}
        start(api, booking, headers=key)
        assert start(api, booking, headers=key, amount="1000.00").json()["code"] == "idempotency_key_reused"

    def test_a_refusal_frees_the_key(self, api, booking):
        key = {"Idempotency-Key": "k1"}
        assert start(api, booking, headers=key, amount="3").status_code == 400
        assert start(api, booking, headers=key, amount="200").status_code == 201


class TestReading:
    def test_everyone_sees_their_own_and_no_others(self, api, booking, admin):
        payment, other = pay(booking), pay(owing())
        for user, seen in {
            booking.patient.user: {payment},
            booking.hospital.admin_user: {payment},
            other.booking.patient.user: {other},
            booking.coordinator: {payment, other},
            admin: {payment, other},
            UserFactory(): set(),
        }.items():
            listed = api.as_(user).get("/payments").json()["data"]
            assert {row["id"] for row in listed} == {str(row.pk) for row in seen}
            for row in (payment, other):
                expected = 200 if row in seen else 404
                assert api.as_(user).get(f"/payments/{row.pk}").status_code == expected

    @pytest.mark.parametrize("role", ["doctor", "translator"])
    def test_doctors_and_translators_see_none(self, api, booking, role):
        assert api.as_(people()[role]).get("/payments").status_code == 403

    def test_what_is_needed_to_pay_is_shown_to_who_may_pay_while_it_is_open(self, api, booking):
        payment = begin(booking)
        path = f"/payments/{payment.pk}"
        assert api.as_(booking.patient.user).get(path).json()["data"]["checkout_url"]
        assert api.as_(booking.hospital.admin_user).get(path).json()["data"]["checkout_url"] is None
        decide(payment)
        api.as_(booking.patient.user).get(f"{path}/status")
        assert api.as_(booking.patient.user).get(path).json()["data"]["checkout_url"] is None

    def test_the_list_is_filtered_and_ordered_by_allow_list(self, api, booking, admin):
        payment = pay(booking)
        ask = api.as_(admin).get
        assert [row["id"] for row in ask("/payments?status=completed").json()["data"]] == [str(payment.pk)]
        assert ask("/payments?status=pending").json()["data"] == []
        assert ask(f"/payments?booking_id={booking.pk}&search={payment.transaction_id}").json()["meta"]["total"] == 1
        assert ask("/payments?status=lost").status_code == 400
        assert ask("/payments?ordering=client_data").status_code == 400

    def test_one_row_costs_as_many_queries_as_three(self, api, booking, admin, django_assert_num_queries):
        pay(booking)
        with django_assert_num_queries(2):
            api.as_(admin).get("/payments")
        for _more in range(2):
            pay(owing())
        with django_assert_num_queries(2):
            assert len(api.as_(admin).get("/payments").json()["data"]) == 3


def test_the_timeline_tells_of_the_money(booking):
    payment = pay(booking)
    event = BookingEvent.objects.filter(booking=booking, kind="payment").last()
    assert event.data == {
        "payment": payment.transaction_id,
        "status": "completed",
        "amount": "200.00",
        "currency": "USD",
        "gateway": "sandbox",
        "receipt": payment.receipt.receipt_number,
    }
    assert event.visibility == "patient"
