"""What a move needs beyond the table: each guard with its code and its words, and who may pass it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.billing.services.milestones import waive_milestone
from apps.bookings.guards import refusal_of
from apps.bookings.models import Booking, MilestoneState
from apps.bookings.services.money import write_money
from apps.bookings.services.quotation import OfferLine
from apps.bookings.services.quotation_answers import decline_quotation, expire_offer
from apps.bookings.services.sending import send_quotation
from apps.bookings.services.transition import lock
from apps.bookings.states import BookingStatus as S
from medivoy.core import clock
from medivoy.core.errors import GuardFailed, InvalidInput
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in, draft, pay, pay_deposit, requested, step
from tests.factories.hospitals import HospitalFactory

pytestmark = pytest.mark.django_db


def refused(booking, to, **given):
    with pytest.raises(GuardFailed) as refusal:
        step(booking, to, **given)
    return refusal.value


def test_sending_needs_a_draft_that_is_newer_than_what_was_sent(coordinator):
    booking = booking_in(S.ACCEPTED)
    assert refused(booking, S.QUOTATION_SENT).code == "nothing_to_send"
    booking = booking_in(S.QUOTATION_SENT)
    # An older draft is not sent over a newer version.
    old = draft(booking)
    draft(booking)
    booking = step(booking, S.QUOTATION_SENT)
    assert booking.quotations.get(pk=old.pk).status == "draft"
    again = step(booking, S.QUOTATION_SENT)
    assert again.quotations.filter(status="sent").get().version_number == 3


def test_the_sending_itself_refuses_too(coordinator):
    with pytest.raises(GuardFailed) as refusal:
        send_quotation(lock(booking_in(S.ACCEPTED).pk), actor=coordinator, notes="", internal_notes="")
    assert refusal.value.code == "nothing_to_send"


def test_a_draft_whose_validity_has_run_out_is_not_sent(coordinator):
    booking = booking_in(S.ACCEPTED)
    draft(booking, valid_until=booking.local_today())
    with clock.at(clock.now() + timedelta(days=2)):
        assert refused(booking, S.QUOTATION_SENT).code == "quotation_expired"


def test_travel_needs_the_deposit_and_says_how_much(coordinator):
    booking = booking_in(S.PAYMENT_PENDING, hospital=HospitalFactory(currency="KWD"), total=Decimal("11550.000"))
    refusal = refused(booking, S.TRAVEL_ARRANGEMENT)
    assert refusal.code == "balance_needed"
    assert "a balance of 2,310.000 KWD is needed" in str(refusal)
    booking = pay(booking, Decimal("2000.000"))
    assert "a balance of 310.000 KWD is needed" in str(refused(booking, S.TRAVEL_ARRANGEMENT))
    booking = step(pay(booking, Decimal("310.000")), S.TRAVEL_ARRANGEMENT)
    assert booking.status == S.TRAVEL_ARRANGEMENT


def test_treatment_needs_the_rest(coordinator):
    booking = step(pay_deposit(booking_in(S.PAYMENT_PENDING)), S.TRAVEL_ARRANGEMENT)
    assert "a balance of 800.00 INR is needed" in str(refused(booking, S.IN_TREATMENT))
    assert step(pay(booking), S.IN_TREATMENT).status == S.IN_TREATMENT


def test_discharge_waits_for_no_money(coordinator, admin):
    booking = step(booking_in(S.PAYMENT_PENDING), S.TRAVEL_ARRANGEMENT, actor=admin, override_reason="Emergency")
    booking = step(booking, S.IN_TREATMENT, actor=admin, override_reason="Emergency")
    assert step(booking, S.COMPLETED).balance == Decimal("1000.00")


def test_a_waived_milestone_lifts_its_gate_alone(coordinator, admin):
    booking = booking_in(S.PAYMENT_PENDING)
    waive_milestone(booking.milestones.get(needed_for=S.TRAVEL_ARRANGEMENT), actor=admin, reason="A known payer")
    booking = step(booking, S.TRAVEL_ARRANGEMENT)
    assert "a balance of 1,000.00 INR is needed" in str(refused(booking, S.IN_TREATMENT))


def test_money_that_goes_back_shuts_the_gate_again(coordinator):
    booking = lock(pay_deposit(booking_in(S.PAYMENT_PENDING)).pk)
    write_money(booking, amount_refunded=Decimal("50.00"))
    assert booking.milestones.first().state == MilestoneState.DUE
    assert "a balance of 50.00 INR is needed" in str(refused(booking, S.TRAVEL_ARRANGEMENT))


@pytest.mark.parametrize(
    ("role", "to", "passes"),
    [
        ("admin", S.TRAVEL_ARRANGEMENT, True),
        ("admin", S.IN_TREATMENT, True),
        ("hospital_admin", S.IN_TREATMENT, True),
        ("coordinator", S.TRAVEL_ARRANGEMENT, False),
        ("coordinator", S.IN_TREATMENT, False),
    ],
)
def test_who_passes_a_money_guard_in_an_emergency(role, to, passes, coordinator, admin):
    booking = booking_in(S.PAYMENT_PENDING)
    if to == S.IN_TREATMENT:
        booking = step(pay_deposit(booking), S.TRAVEL_ARRANGEMENT)
    actor = {"admin": admin, "coordinator": coordinator, "hospital_admin": booking.hospital.admin_user}[role]
    if not passes:
        assert refused(booking, to, actor=actor, override_reason="Emergency").code == "balance_needed"
        return
    booking = step(booking, to, actor=actor, override_reason="Emergency")
    assert (booking.status, booking.override_reason) == (to, "Emergency")
    assert list(Booking.objects.passed_in_emergency()) == [booking]
    pay(booking)
    assert not Booking.objects.passed_in_emergency()


def test_an_override_where_nothing_is_missing_is_not_kept(coordinator, admin):
    booking = step(pay_deposit(booking_in(S.PAYMENT_PENDING)), S.TRAVEL_ARRANGEMENT, actor=admin, override_reason="?")
    assert booking.override_reason == ""


def test_an_invoice_goes_out_only_once_it_is_issued(coordinator):
    assert refused(booking_in(S.PAYMENT_COMPLETED), S.INVOICE_SENT).code == "invoice_needed"


def test_what_cannot_be_accepted_any_more(coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    assert refusal_of(booking, S.CONFIRMED) is None
    with clock.at(clock.now() + timedelta(days=30)):
        assert refusal_of(booking, S.CONFIRMED).code == "quotation_expired"
        expire_offer(lock(booking.pk))
        assert refusal_of(booking, S.CONFIRMED).code == "quotation_expired"
    declined = booking_in(S.QUOTATION_SENT)
    decline_quotation(declined, actor=declined.patient.user, reason="Too dear")
    assert refusal_of(declined, S.CONFIRMED).code == "quotation_superseded"


def test_a_guard_for_every_state_or_none(coordinator):
    booking = booking_in(S.FEEDBACK_RECEIVED)
    assert refusal_of(booking, S.FEEDBACK_RECEIVED) is None
    assert refusal_of(booking, S.UNDER_REVIEW) is None
    assert refusal_of(booking, S.PAYMENT_PENDING).code == "nothing_owed"
    assert refusal_of(booking, S.PAYMENT_COMPLETED) is None
    assert refusal_of(booking_in(S.PAYMENT_PENDING), S.PAYMENT_COMPLETED).code == "balance_needed"


def test_feedback_needs_a_review(coordinator):
    assert refused(booking_in(S.COMPLETED), S.FEEDBACK_RECEIVED).code == "review_needed"


@pytest.mark.parametrize(
    ("source", "to", "given", "field"),
    [
        (S.UNDER_REVIEW, S.REJECTED, {}, "reason"),
        (S.ACCEPTED, S.AWAITING_MEDICAL_DETAILS, {}, "wanted"),
        (S.ACCEPTED, S.AWAITING_MEDICAL_DETAILS, {"wanted": [{"type": "selfie"}]}, "wanted.0.type"),
        (S.QUOTATION_SENT, S.CONFIRMED, {"proof": "Mail"}, "channel"),
        (S.QUOTATION_SENT, S.CONFIRMED, {"channel": "phone"}, "proof"),
        (S.ACCEPTED, S.ON_HOLD, {"review_on": "future"}, "reason"),
        (S.ACCEPTED, S.ON_HOLD, {"reason": "bored", "review_on": "future"}, "reason"),
        (S.ACCEPTED, S.ON_HOLD, {"reason": "visa"}, "review_on"),
        (S.ACCEPTED, S.ON_HOLD, {"reason": "visa", "review_on": "past"}, "review_on"),
        (S.ACCEPTED, S.CANCELLED, {"reason": "price"}, "party"),
        (S.ACCEPTED, S.CANCELLED, {"party": "patient"}, "reason"),
        (S.ACCEPTED, S.CANCELLED, {"party": "embassy", "reason": "price"}, "party"),
        (S.TRAVEL_ARRANGEMENT, S.IN_TREATMENT, {"admitted_on": "future"}, "admitted_on"),
        (S.IN_TREATMENT, S.COMPLETED, {"discharged_on": "future"}, "discharged_on"),
        (S.IN_TREATMENT, S.COMPLETED, {"discharged_on": "past"}, "discharged_on"),
        (S.IN_TREATMENT, S.COMPLETED, {"outcome": "healed"}, "outcome"),
    ],
)
def test_what_a_move_must_be_told(source, to, given, field, coordinator):
    booking = booking_in(source)
    days = {"future": timedelta(days=1), "past": timedelta(days=-1)}
    given = {
        name: booking.local_today() + days[value] if isinstance(value, str) and value in days else value
        for name, value in given.items()
    }
    with pytest.raises(InvalidInput) as refusal:
        step(booking, to, **given)
    assert field in refusal.value.errors
    assert lock(booking.pk).status == source


def test_today_is_the_hospitals_today(coordinator):
    """At 20:00 UTC it is tomorrow already in Kuwait, and still today in New York."""
    with clock.at(clock.now().replace(hour=22, minute=0)):
        for zone, ahead in (("Asia/Kolkata", 1), ("America/New_York", 0)):
            booking = booking_in(S.TRAVEL_ARRANGEMENT, hospital=HospitalFactory(timezone=zone))
            there = clock.now().date() + timedelta(days=ahead)
            with pytest.raises(InvalidInput):
                step(booking, S.IN_TREATMENT, admitted_on=there + timedelta(days=1))
            booking = step(booking, S.IN_TREATMENT)
            assert booking.admitted_on == there
            assert step(booking, S.COMPLETED).discharged_on == there


def test_who_confirms_a_version_with_lines_of_nothing(coordinator):
    """Nothing is owed: confirmed goes on to payment_completed and its invoice by itself."""
    booking = requested(patient=None)
    for to in (S.UNDER_REVIEW, S.ACCEPTED):
        booking = step(booking, to)
    draft(booking, lines=[OfferLine("Opinion, free of charge", Decimal(0))])
    booking = step(booking, S.QUOTATION_SENT)
    booking = step(booking, S.CONFIRMED, channel="phone", proof="Call of today", actor=UserFactory(coordinator=True))
    assert booking.status == S.INVOICE_SENT
    assert booking.milestones.count() == 0
