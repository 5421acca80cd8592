"""What follows from money: amounts, milestones, moves, invoice; on hold all but the moves."""

from decimal import Decimal

import pytest

from apps.billing.models import Invoice
from apps.billing.services.adjustments import adjust
from apps.billing.services.milestones import waive_milestone
from apps.billing.services.refund_work import send_due_refunds
from apps.billing.services.refunds import approve_refund, request_refund
from apps.billing.services.settlement import settle
from apps.bookings.models import BookingEvent
from apps.bookings.services.transition import lock
from apps.notifications.models import Notification
from tests.factories.accounts import UserFactory
from tests.factories.billing import begin, owing, pay
from tests.factories.bookings import accept, booking_in, draft, step
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def milestones(booking):
    return [milestone.state for milestone in booking.milestones.all()]


def moves(booking):
    return list(BookingEvent.objects.filter(booking=booking, kind="moved").values_list("to_status", flat=True))


class TestAcceptance:
    def test_what_is_owed_follows_by_itself(self, booking):
        assert booking.status == "payment_pending"
        assert moves(booking)[-2:] == ["confirmed", "payment_pending"]

    def test_where_nothing_is_owed_the_case_goes_on_to_its_invoice(self):
        booking = booking_in("accepted")
        draft(booking, total=Decimal(0))
        booking = accept(step(booking, "quotation_sent"))
        assert booking.status == "invoice_sent"
        assert moves(booking)[-3:] == ["confirmed", "payment_completed", "invoice_sent"]
        assert Invoice.objects.get().status == "paid"


class TestPayment:
    def test_the_deposit_opens_the_journey(self, booking):
        pay(booking)
        assert (milestones(booking), booking.payment_status) == (["met", "due"], "partially_paid")
        assert booking.status == "payment_pending"
        assert step(booking, "travel_arrangement").status == "travel_arrangement"

    def test_the_whole_brings_the_invoice(self, booking):
        pay(booking, "1000.00")
        assert (milestones(booking), booking.payment_status) == (["met", "met"], "payment_completed")
        assert moves(booking)[-2:] == ["payment_completed", "invoice_sent"]

    def test_the_rest_paid_on_the_journey_is_invoiced_without_a_move(self, booking):
        pay(booking)
        step(booking, "travel_arrangement")
        pay(booking)
        assert (booking.status, Invoice.objects.get().status) == ("travel_arrangement", "paid")

    def test_the_patient_gets_receipt_and_invoice_by_mail(self, booking):
        payment = pay(booking, "1000.00")
        mails = Notification.objects.filter(user=booking.patient.user, channel="email")
        attachments = {item for mail in mails for item in mail.attachments}
        assert attachments == {f"receipt:{payment.receipt.pk}", f"invoice:{Invoice.objects.get().pk}"}

    def test_settling_again_changes_nothing(self, booking):
        pay(booking)
        events, version = BookingEvent.objects.count(), booking.milestones.first().version
        before = lock(booking.pk)
        settle(before)
        after = lock(booking.pk)
        assert (after.status, after.waiting_since, after.due_at) == (before.status, before.waiting_since, before.due_at)
        assert (BookingEvent.objects.count(), booking.milestones.first().version) == (events, version)


class TestOnHold:
    def test_money_is_booked_at_once_and_the_moves_follow_on_resuming(self, booking):
        payment = begin(booking, "1000.00")
        step(booking, "on_hold", reason="personal", review_on=booking.local_today())
        pay_again = pay(booking, "1000.00")
        assert pay_again.pk == payment.pk
        assert (booking.status, booking.balance, booking.payment_status) == ("on_hold", 0, "payment_completed")
        assert not Invoice.objects.exists()
        booking = step(booking, "payment_pending")
        assert booking.status == "invoice_sent"
        assert Invoice.objects.get().status == "paid"


class TestRefund:
    def test_milestones_fall_back_when_money_goes_back(self, booking, coordinator, admin):
        payment = pay(booking, "1000.00")
        refund = request_refund(payment, actor=coordinator, amount=Decimal("900.00"))
        approve_refund(refund, actor=admin)
        send_due_refunds()
        booking.refresh_from_db()
        assert milestones(booking) == ["due", "due"]
        assert (booking.balance, booking.payment_status) == (900, "partially_paid")


class TestAdjustments:
    def test_they_lower_what_is_owed(self, booking, coordinator):
        adjust(booking, actor=coordinator, kind="goodwill", amount=Decimal("50.00"), reason="Late car")
        booking.refresh_from_db()
        assert (booking.balance, booking.payment_status) == (950, "unpaid")
        assert pay(booking, "950.00").amount == 950
        assert booking.status == "invoice_sent"

    def test_or_raise_it(self, booking, coordinator):
        adjust(booking, actor=coordinator, kind="bank_fee", amount=Decimal("-12.50"), reason="Foreign bank")
        booking.refresh_from_db()
        assert booking.balance == Decimal("1012.50")

    def test_the_last_cents_written_off_settle_the_case(self, booking, coordinator, admin):
        pay(booking)
        step(booking, "travel_arrangement")
        pay(booking)
        booking = owing()
        pay(booking)
        adjust(booking, actor=UserFactory(admin=True), kind="write_off", amount=Decimal("800"), reason="Charity")
        booking.refresh_from_db()
        assert (booking.status, booking.payment_status) == ("invoice_sent", "payment_completed")

    @pytest.mark.parametrize("amount", ["50.01", "-50.01"])
    def test_above_the_limit_they_are_an_admins(self, booking, coordinator, admin, amount):
        with refused("admin_needed"):
            adjust(booking, actor=coordinator, kind="goodwill", amount=Decimal(amount), reason="Kind")
        adjust(booking, actor=admin, kind="goodwill", amount=Decimal(amount), reason="Kind")

    @pytest.mark.parametrize(
        "change", [{"kind": "gift"}, {"amount": Decimal(0)}, {"amount": Decimal("0.001")}, {"reason": " "}]
    )
    def test_what_is_none_is_refused(self, booking, admin, change):
        wish = {"kind": "goodwill", "amount": Decimal(1), "reason": "Kind"} | change
        with refused("validation_error"):
            adjust(booking, actor=admin, **wish)

    def test_nothing_is_adjusted_before_something_is_agreed(self, admin):
        with refused("nothing_agreed"):
            adjust(booking_in("accepted"), actor=admin, kind="goodwill", amount=Decimal(1), reason="Kind")


class TestWaiving:
    def test_it_lifts_the_gate_and_the_money_rolls_on(self, booking, admin):
        waive_milestone(booking.milestones.first(), actor=admin, reason="Long known")
        booking.refresh_from_db()
        assert milestones(booking) == ["waived", "due"]
        assert step(booking, "travel_arrangement").status == "travel_arrangement"
        assert begin(booking).amount == 1000

    def test_a_coordinator_does_not(self, booking, coordinator):
        with refused("permission_denied"):
            waive_milestone(booking.milestones.first(), actor=coordinator, reason="Please")

    def test_it_takes_a_reason_and_a_milestone_that_is_due(self, booking, admin):
        with refused("validation_error"):
            waive_milestone(booking.milestones.first(), actor=admin, reason="")
        pay(booking)
        with refused("not_due"):
            waive_milestone(booking.milestones.first(), actor=admin, reason="Long known")

    def test_a_waived_one_never_falls_back(self, booking, coordinator, admin):
        waive_milestone(booking.milestones.first(), actor=admin, reason="Long known")
        payment = pay(booking, "1000.00")
        approve_refund(request_refund(payment, actor=coordinator), actor=admin)
        send_due_refunds()
        assert milestones(booking) == ["waived", "due"]
