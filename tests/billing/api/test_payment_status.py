"""GET /payments/:id/status: the gateway is asked while the payment is open."""

import pytest

from apps.billing.models import Payment
from tests.factories.accounts import UserFactory
from tests.factories.billing import begin, decide, pay

pytestmark = pytest.mark.django_db


def ask(api, payment, user=None):
    return api.as_(user or payment.patient.user).get(f"/payments/{payment.pk}/status")


def test_money_whose_news_were_lost_is_found(api, booking):
    payment = begin(booking)
    decide(payment, "approve", "never")
    assert ask(api, payment).json()["data"]["status"] == "completed"
    booking.refresh_from_db()
    assert booking.amount_paid == 200


@pytest.mark.parametrize(("outcome", "status"), [("decline", "failed"), ("abandon", "pending")])
def test_so_are_the_other_ends(api, booking, outcome, status):
    payment = begin(booking)
    decide(payment, outcome, "never")
    assert ask(api, payment).json()["data"]["status"] == status


def test_a_payment_that_ended_is_not_asked_about(api, booking, gateway):
    payment = pay(booking)
    Payment.objects.filter(pk=payment.pk).update(payment_gateway="stripe")
    assert ask(api, payment).json()["data"]["status"] == "completed"
    assert not gateway.calls


def test_a_gateway_that_is_away_changes_nothing(api, booking, gateway):
    payment = begin(booking, gateway="stripe")
    gateway.is_away = True
    answer = ask(api, payment)
    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "pending")


def test_one_that_never_reached_the_gateway_is_begun_there(api, booking, gateway):
    payment = begin(booking, gateway="stripe")
    Payment.objects.filter(pk=payment.pk).update(gateway_transaction_id="", client_data={})
    assert ask(api, payment).json()["data"]["client_secret"]


def test_a_bank_transfer_is_asked_of_nobody(api, booking):
    payment = begin(booking, gateway="bank_transfer")
    assert ask(api, payment).json()["data"]["status"] == "pending"


def test_anothers_payment_is_not_found(api, booking):
    assert ask(api, begin(booking), UserFactory()).status_code == 404


def test_the_hospital_may_ask(api, booking):
    assert ask(api, begin(booking), booking.hospital.admin_user).status_code == 200
