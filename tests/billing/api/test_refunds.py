"""POST /payments/:id/refund and /refunds/:id/approve."""

from decimal import Decimal

import pytest

from apps.billing.models import Refund
from apps.billing.services.adjustments import adjust
from apps.billing.services.refund_work import send_due_refunds
from apps.notifications.models import Notification
from tests.factories.accounts import UserFactory, people
from tests.factories.billing import begin, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(booking):
    return pay(booking, "1000.00")


def ask(api, payment, actor, headers=None, **body):
    return api.as_(actor).post(f"/payments/{payment.pk}/refund", body, headers=headers)


def approve(api, refund, actor):
    return api.as_(actor).post(f"/refunds/{refund['id']}/approve")


class TestAskedFor:
    def test_beyond_policy_it_waits_for_another_person(self, api, payment, coordinator, admin):
        answer = ask(api, payment, coordinator, amount="300.00", reason="Kept waiting")
        assert answer.status_code == 201
        data = answer.json()["data"]
        assert (data["status"], data["amount"], data["is_by_policy"]) == ("requested", "300.00", False)
        assert Notification.objects.filter(type="refund_requested", user=admin).exists()
        payment.booking.refresh_from_db()
        assert payment.booking.amount_refunded == 0

    def test_without_an_amount_it_is_all_that_is_left(self, api, payment, coordinator):
        ask(api, payment, coordinator, amount="300.00")
        assert ask(api, payment, coordinator).json()["data"]["amount"] == "700.00"

    @pytest.mark.parametrize("amount", ["1000.01", "99999999"])
    def test_never_more_than_what_is_left_t35(self, api, payment, coordinator, amount):
        answer = ask(api, payment, coordinator, amount=amount)
        assert (answer.status_code, answer.json()["code"]) == (409, "refund_too_much")
        assert answer.json()["details"] == {"left": "1000.00"}

    def test_what_was_asked_for_counts_as_gone_t35(self, api, payment, coordinator):
        ask(api, payment, coordinator, amount="700.00")
        assert ask(api, payment, coordinator, amount="300.01").json()["details"] == {"left": "300.00"}

    @pytest.mark.parametrize("amount", ["0", "-5", "1.001", "abc", None, {}])
    def test_what_is_no_amount_is_refused(self, api, payment, coordinator, amount):
        assert ask(api, payment, coordinator, amount=amount).status_code == 400
        assert not Refund.objects.exists()

    def test_an_open_payment_has_nothing_to_give_back(self, api, booking, coordinator):
        answer = ask(api, begin(booking), coordinator)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_refundable")

    @pytest.mark.parametrize("role", ["patient", "doctor", "hospital_admin", "translator"])
    def test_staff_alone_ask(self, api, payment, role):
        assert ask(api, payment, people()[role]).status_code == 403

    def test_a_key_makes_it_one(self, api, payment, coordinator):
        key = {"Idempotency-Key": "r1"}
        first = ask(api, payment, coordinator, headers=key, amount="10.00")
        second = ask(api, payment, coordinator, headers=key, amount="10.00")
        assert first.json() == second.json()
        assert Refund.objects.count() == 1


class TestByPolicy:
    def test_what_is_owed_to_the_payer_is_approved_by_itself(self, api, payment, coordinator):
        adjust(payment.booking, actor=coordinator, kind="goodwill", amount=Decimal("50"), reason="Late car")
        data = ask(api, payment, coordinator, amount="50.00").json()["data"]
        assert (data["status"], data["is_by_policy"]) == ("approved", True)
        assert send_due_refunds() == 1
        payment.booking.refresh_from_db()
        assert (payment.booking.balance, payment.booking.payment_status) == (0, "payment_completed")

    def test_but_once_only(self, api, payment, coordinator):
        adjust(payment.booking, actor=coordinator, kind="goodwill", amount=Decimal("50"), reason="Late car")
        ask(api, payment, coordinator, amount="50.00")
        assert ask(api, payment, coordinator, amount="50.00").json()["data"]["status"] == "requested"


class TestApproval:
    @pytest.fixture
    def refund(self, api, payment, coordinator):
        return ask(api, payment, coordinator, amount="300.00").json()["data"]

    def test_another_person_approves_and_a_worker_sends_it(self, api, payment, refund, admin):
        answer = approve(api, refund, admin)
        assert (answer.status_code, answer.json()["data"]["status"]) == (200, "approved")
        assert send_due_refunds() == 1
        payment.booking.refresh_from_db()
        assert payment.booking.amount_refunded == 300
        assert payment.booking.payment_status == "partially_paid"
        shown = api.as_(admin).get(f"/payments/{payment.pk}").json()["data"]
        assert (shown["refund_amount"], shown["status"]) == ("300.00", "completed")
        assert shown["refund_date"]
        assert Notification.objects.filter(type="refund_completed", user=payment.patient.user).exists()

    def test_whoever_asked_does_not_approve(self, api, payment, admin):
        refund = ask(api, payment, admin, amount="300.00").json()["data"]
        answer = approve(api, refund, admin)
        assert (answer.status_code, answer.json()["code"]) == (409, "second_person_needed")
        assert approve(api, refund, UserFactory(admin=True)).status_code == 200

    @pytest.mark.parametrize("role", ["patient", "doctor", "hospital_admin", "coordinator", "translator"])
    def test_an_admin_alone_approves(self, api, refund, role):
        assert approve(api, refund, people()[role]).status_code == 403

    def test_approved_again_it_stays_as_it_is(self, api, refund, admin):
        approve(api, refund, admin)
        assert approve(api, refund, UserFactory(admin=True)).status_code == 200

    def test_what_is_on_its_way_is_not_approved(self, api, refund, admin):
        approve(api, refund, admin)
        send_due_refunds()
        answer = approve(api, refund, UserFactory(admin=True))
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")

    def test_an_unknown_one_is_not_found(self, api, admin):
        assert api.as_(admin).post(f"/refunds/{admin.pk}/approve").status_code == 404
