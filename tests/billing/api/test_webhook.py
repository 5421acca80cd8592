"""POST /payments/webhook: forged, late, repeated, reordered and contradictory news (T31-T34)."""

import json
from datetime import timedelta
from itertools import permutations

import pytest

from apps.billing.models import GatewayEvent, Payment
from apps.billing.services.gateway_events import apply_due
from apps.notifications.models import Notification
from tests.factories.billing import WEBHOOK, begin, decide, deliver, event_of, pay, post_webhook, signed
from tests.factories.bookings import step

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(booking):
    return begin(booking)


def now_of(payment):
    payment.refresh_from_db()
    payment.booking.refresh_from_db()
    return payment.status, payment.booking.amount_paid


class TestSignature:
    def test_a_signed_event_is_taken(self, api, payment):
        answer = post_webhook(api, event_of(payment))
        assert (answer.status_code, answer.json()["data"]) == (200, {"received": 1})
        assert now_of(payment) == ("completed", 200)

    def refused(self, api, payment, body, headers):
        answer = api.generic("POST", WEBHOOK, body, content_type="application/json", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")
        assert not GatewayEvent.objects.exists()
        assert now_of(payment) == ("pending", 0)

    def test_without_a_signature_nothing_is_believed_t31(self, api, payment):
        self.refused(api, payment, json.dumps(event_of(payment)).encode(), {})

    def test_nor_with_one_by_another_secret_t31(self, api, payment):
        body = json.dumps(event_of(payment)).encode()
        self.refused(api, payment, body, signed(body, secret="another-secret-of-sufficient-length"))

    def test_nor_one_of_another_body_t31(self, api, payment):
        body = json.dumps(event_of(payment)).encode()
        self.refused(api, payment, body + b" ", signed(body))

    @pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6), timedelta(days=400)])
    def test_nor_one_that_is_too_old_or_of_the_future_t31(self, api, payment, age):
        body = json.dumps(event_of(payment)).encode()
        self.refused(api, payment, body, signed(body, age=age))

    @pytest.mark.parametrize(
        "header", ["", "t=,v1=", "v1=abc", "t=1,v1=" + "0" * 64, "t=99999999999999,v1=" + "0" * 64, "t=１,v1=x"]
    )
    def test_nor_a_header_of_another_form(self, api, payment, header):
        body = json.dumps(event_of(payment)).encode()
        self.refused(api, payment, body, {"Sandbox-Signature": header.encode().decode("latin-1")})

    def test_who_is_signed_in_does_not_matter(self, api, payment):
        body = json.dumps(event_of(payment)).encode()
        headers = signed(body) | {"Authorization": "Bearer nonsense"}
        answer = api.generic("POST", WEBHOOK, body, content_type="application/json", headers=headers)
        assert answer.status_code == 200

    def test_where_the_sandbox_is_off_there_is_no_webhook(self, api, payment, settings):
        settings.SANDBOX_GATEWAY = False
        assert post_webhook(api, event_of(payment)).status_code == 404


class TestMalformed:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{}",
            b"[]",
            b"null",
            b"{",
            b"\xff\xfe",
            b'{"id": 1}',
            b'{"id": "e", "type": "payment.captured", "created": "2026-01-01T00:00:00", "data": {}}',
            (
                b'{"id": "e", "type": "payment.captured", "created": "9999-12-31T23:59:59-14:00", "data": '
                b'{"id": "x", "status": "captured", "amount": "1.00", "currency": "USD"}}'
            ),
        ],
    )
    def test_a_signed_body_that_is_no_event_is_refused(self, api, body):
        answer = post_webhook(api, body)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_webhook")

    @pytest.mark.parametrize(
        "change",
        [
            {"amount": "NaN"},
            {"amount": "1e30"},
            {"amount": "1.0001"},
            {"amount": None},
            {"status": "stolen"},
            {"currency": "X" * 9},
            {"id_": 7},
        ],
    )
    def test_so_is_one_with_values_that_cannot_be(self, api, payment, change):
        event = event_of(payment)
        event["data"] |= {key.rstrip("_"): value for key, value in change.items()}
        assert post_webhook(api, event).status_code == 400
        assert now_of(payment) == ("pending", 0)

    def test_a_nul_in_it_is_no_fault_of_ours(self, api, payment):
        event = event_of(payment) | {"note": "a\x00b"}
        assert post_webhook(api, event).status_code == 400


class TestOnce:
    def test_the_same_event_counts_once_however_often_it_comes_t32(self, api, payment):
        for _time in range(3):
            assert post_webhook(api, event_of(payment)).status_code == 200
        assert now_of(payment) == ("completed", 200)
        assert GatewayEvent.objects.count() == 1
        assert GatewayEvent.objects.get().attempts == 1

    def test_so_does_the_same_capture_told_by_different_events(self, api, payment):
        for name in ("a", "b"):
            post_webhook(api, event_of(payment, id=f"evt_{name}"))
        assert now_of(payment) == ("completed", 200)
        assert sorted(GatewayEvent.objects.values_list("outcome", flat=True)) == ["applied", "ignored"]

    def test_the_sandbox_that_posts_twice_settles_once(self, api, payment):
        decide(payment, "approve", "twice")
        assert [answer.status_code for answer in deliver(api)] == [200, 200]
        assert now_of(payment) == ("completed", 200)
        assert Notification.objects.filter(type="payment_received", user=payment.patient.user).count() == 1


class TestOrder:
    @pytest.mark.parametrize("order", list(permutations(["captured", "failed", "cancelled"])))
    def test_a_proven_capture_wins_in_whatever_order_the_news_come_t33(self, api, payment, order):
        for status in order:
            assert post_webhook(api, event_of(payment, status)).status_code == 200
        assert now_of(payment) == ("completed", 200)

    @pytest.mark.parametrize("status", ["failed", "cancelled"])
    def test_completed_never_goes_back_t33(self, api, booking, status):
        payment = pay(booking)
        post_webhook(api, event_of(payment, status))
        assert now_of(payment) == ("completed", 200)

    def test_a_declined_payment_is_told_and_the_next_may_begin(self, api, payment):
        decide(payment, "decline", "once")
        deliver(api)
        assert now_of(payment) == ("failed", 0)
        assert Notification.objects.filter(type="payment_failed", user=payment.patient.user).exists()
        assert begin(payment.booking).pk != payment.pk

    def test_late_money_of_a_failed_attempt_counts_beside_the_new_one(self, api, payment):
        post_webhook(api, event_of(payment, "failed"))
        second = begin(payment.booking)
        post_webhook(api, event_of(payment))
        decide(second, "approve", "once")
        deliver(api)
        assert now_of(payment) == ("completed", 400)

    def test_news_of_an_unknown_payment_are_parked_until_it_is_known_t33(self, api, payment):
        Payment.objects.filter(pk=payment.pk).update(gateway_transaction_id="")
        assert post_webhook(api, event_of(payment)).status_code == 200
        event = GatewayEvent.objects.get()
        assert (event.outcome, event.applied_at, event.payment) == ("parked", None, None)
        Payment.objects.filter(pk=payment.pk).update(gateway_transaction_id=event.reference)
        assert apply_due() == 0  # not yet time
        GatewayEvent.objects.update(next_attempt_at=event.created_at)
        assert apply_due() == 1
        assert now_of(payment) == ("completed", 200)

    def test_news_that_were_quicker_than_our_own_writing_are_applied_at_once(self, api, booking, payment):
        Payment.objects.filter(pk=payment.pk).update(gateway_transaction_id="", client_data={})
        post_webhook(api, event_of(payment))
        assert begin(booking).status == "pending"  # as it was when its name was written
        assert now_of(payment) == ("completed", 200)


class TestMismatch:
    @pytest.mark.parametrize(
        "change", [{"amount": "199.99"}, {"amount": "0"}, {"amount": "20000.00"}, {"currency": "EUR"}]
    )
    def test_what_does_not_match_is_held_and_told_never_settled_t34(self, api, payment, admin, change):
        assert post_webhook(api, event_of(payment, **change)).status_code == 200
        assert now_of(payment) == ("pending", 0)
        assert payment.mismatch
        assert GatewayEvent.objects.get().outcome == "mismatch"
        told = Notification.objects.filter(type="payment_mismatch").values_list("user", flat=True)
        assert set(told) == {payment.booking.coordinator_id, admin.pk}

    def test_it_is_told_once(self, api, payment):
        for number in range(3):
            post_webhook(api, event_of(payment, id=f"evt_{number}", amount="3.00"))
        user = payment.booking.coordinator
        assert Notification.objects.filter(type="payment_mismatch", user=user, channel="email").count() == 1

    def test_a_completed_payment_is_not_touched_by_one(self, api, booking):
        payment = pay(booking)
        post_webhook(api, event_of(payment, amount="9999.00"))
        assert now_of(payment) == ("completed", 200)
        assert payment.mismatch

    def test_the_right_report_afterwards_completes_it(self, api, payment):
        post_webhook(api, event_of(payment, id="evt_1", amount="3.00"))
        post_webhook(api, event_of(payment, id="evt_2"))
        assert now_of(payment) == ("completed", 200)
        assert not payment.mismatch


class TestAfterCancellation:
    def test_late_money_is_held_and_told_t37(self, api, payment, admin):
        step(payment.booking, "cancelled", party="patient", reason="changed_mind")
        post_webhook(api, event_of(payment))
        assert now_of(payment) == ("completed", 200)
        booking = payment.booking
        assert (booking.status, booking.payment_status, booking.balance) == ("cancelled", "overpaid", -200)
        assert booking.waiting_on == "coordinator"
        told = Notification.objects.filter(type="money_for_cancelled_booking").values_list("user", flat=True)
        assert set(told) == {booking.coordinator_id, admin.pk}
