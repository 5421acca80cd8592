"""What nobody has to remember: when, to whom, once, and never while held or after a death."""

from datetime import timedelta

import pytest

from apps.bookings.models import Booking, EventKind
from apps.bookings.services.dates import reschedule
from apps.bookings.services.nudge import remind_now
from apps.bookings.services.quotation_answers import decline_quotation
from apps.bookings.states import BookingStatus as S
from apps.bookings.tasks import expire_quotations, send_payment_reminders, send_reminders
from apps.notifications.models import Notification
from medivoy.core import clock
from medivoy.core.errors import GuardFailed
from medivoy.core.models import TaskRun
from tests.factories.bookings import booking_in, draft, pay_deposit, requested, step
from tests.factories.hospitals import HospitalFactory

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def run_at(instant, *tasks):
    """Run the tasks at an instant, twice: the second time nothing is new."""
    with clock.at(instant):
        for task in tasks or (send_reminders, send_payment_reminders, expire_quotations):
            task.run()
            task.run()


def reminders(booking):
    return [
        event.data["reminder"] for event in booking.events.filter(kind=EventKind.REMINDER).order_by("created_at", "id")
    ]


def times(booking, event, user=None):
    """How often somebody (the patient) was told in the app."""
    user = user or booking.patient.user
    return Notification.objects.filter(type=event, user=user, channel="in_app", reference_id=booking.pk).count()


def test_documents_after_3_and_7_days_by_name(coordinator):
    booking = step(booking_in(S.ACCEPTED), S.AWAITING_MEDICAL_DETAILS, wanted=[{"type": "mri"}, {"type": "xray"}])
    booking.wanted_documents.filter(type="xray").update(state="received")
    asked = booking.wanted_documents.earliest("created_at").created_at
    for after, expected in ((3 * DAY - HOUR, 0), (3 * DAY + HOUR, 1), (6 * DAY, 1), (7 * DAY + HOUR, 2), (30 * DAY, 2)):
        run_at(asked + after)
        assert times(booking, "details_reminder") == expected, after
    message = Notification.objects.filter(type="details_reminder", channel="in_app").first().message
    assert "MRI" in message
    assert "X-ray" not in message
    mail = Notification.objects.filter(type="details_reminder", channel="email").first().message
    assert "MRI" not in mail, "no diagnosis, nothing medical leaves the house"


def test_whoever_has_sent_everything_is_not_reminded(coordinator):
    booking = booking_in(S.AWAITING_MEDICAL_DETAILS)
    booking.wanted_documents.update(state="received")
    run_at(clock.now() + 8 * DAY)
    assert reminders(booking) == []


def test_of_two_that_fell_due_meanwhile_only_the_last_is_sent(coordinator):
    booking = booking_in(S.AWAITING_MEDICAL_DETAILS)
    run_at(clock.now() + 8 * DAY)
    run_at(clock.now() + 9 * DAY)
    assert reminders(booking) == ["details_reminder"]


def test_a_quotation_after_3_days_and_24_hours_before_it_expires(coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    quotation = booking.quotations.get()
    end = quotation.expires_at()
    for instant, expected in (
        (quotation.sent_at + 3 * DAY - HOUR, 0),
        (quotation.sent_at + 3 * DAY + HOUR, 1),
        (end - 25 * HOUR, 1),
        (end - 23 * HOUR, 2),
        (end + HOUR, 2),
    ):
        run_at(instant, send_reminders)
        assert times(booking, "quotation_reminder") == expected, instant


def test_a_new_version_has_its_own_reminders(coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    run_at(clock.now() + 4 * DAY)
    with clock.at(clock.now() + 4 * DAY):
        draft(booking)
        step(booking, S.QUOTATION_SENT)
    run_at(clock.now() + 6 * DAY)
    assert times(booking, "quotation_reminder") == 1
    run_at(clock.now() + 8 * DAY)
    assert times(booking, "quotation_reminder") == 2


def test_a_quotation_that_is_answered_needs_no_reminder(coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    decline_quotation(booking, actor=booking.patient.user, reason="Too dear")
    run_at(clock.now() + 10 * DAY)
    assert reminders(booking) == []


def test_a_deposit_that_is_a_day_late(coordinator):
    booking = booking_in(S.PAYMENT_PENDING, hospital=HospitalFactory(timezone="Asia/Tokyo"))
    due = booking.milestones.get(needed_for=S.TRAVEL_ARRANGEMENT).due_date
    late = clock.start_of_day(due + DAY, "Asia/Tokyo")
    for instant, expected in ((late - HOUR, 0), (late + HOUR, 1), (late + 3 * DAY, 1)):
        run_at(instant)
        assert times(booking, "payment_reminder") == expected


def test_an_announced_transfer_waits_on_us_and_not_on_the_payer(coordinator):
    booking = booking_in(S.PAYMENT_PENDING)
    Booking.objects.filter(pk=booking.pk).update(transfer_open_since=clock.now())
    run_at(clock.now() + 10 * DAY)
    assert reminders(booking) == []


def test_the_balance_14_and_7_days_before_admission(coordinator):
    booking = pay_deposit(booking_in(S.PAYMENT_PENDING))
    start = clock.start_of_day(booking.confirmed_date, booking.hospital.timezone)
    for before, expected in ((15 * DAY, 0), (14 * DAY - HOUR, 1), (8 * DAY, 1), (7 * DAY - HOUR, 2), (DAY, 2)):
        run_at(start - before)
        assert times(booking, "payment_reminder") == expected, before


def test_reminders_follow_another_day_of_admission(coordinator):
    booking = pay_deposit(booking_in(S.PAYMENT_PENDING))
    old = clock.start_of_day(booking.confirmed_date, booking.hospital.timezone)
    later = booking.confirmed_date + 20 * DAY
    reschedule(booking, confirmed_date=later, asked_by="patient", reason="?", actor=coordinator)
    run_at(old - 13 * DAY)
    assert times(booking, "payment_reminder") == 0
    run_at(old + 20 * DAY - 13 * DAY)
    assert times(booking, "payment_reminder") == 1


def test_what_is_paid_is_not_asked_for(coordinator):
    booking = booking_in(S.INVOICE_SENT)
    run_at(clock.start_of_day(booking.confirmed_date, "UTC") - 5 * DAY)
    assert reminders(booking) == []


def test_feedback_is_asked_for_7_days_after_completion(coordinator):
    booking = booking_in(S.COMPLETED)
    for after, expected in ((7 * DAY - HOUR, 0), (7 * DAY + HOUR, 1), (20 * DAY, 1)):
        run_at(booking.closed_at + after)
        assert times(booking, "feedback_wanted") == expected


def test_and_never_after_a_death(coordinator, admin):
    booking = step(booking_in(S.IN_TREATMENT), S.COMPLETED, outcome="died")
    run_at(clock.now() + 8 * DAY)
    assert reminders(booking) == []


def test_nor_where_it_was_given(coordinator):
    booking = booking_in(S.FEEDBACK_RECEIVED)
    run_at(clock.now() + 8 * DAY)
    assert reminders(booking) == []


def test_on_its_review_day_the_coordinator_hears_of_a_held_case(coordinator):
    booking = booking_in(S.ON_HOLD)
    day = clock.start_of_day(booking.review_on, booking.hospital.timezone)
    run_at(day - HOUR)
    assert reminders(booking) == []
    run_at(day + HOUR)
    assert reminders(booking) == ["review_due"]
    assert times(booking, "review_due", coordinator) == 1
    assert times(booking, "review_due") == 0
    assert booking.events.get(kind=EventKind.REMINDER).visibility == "staff"


@pytest.mark.parametrize("status", [S.AWAITING_MEDICAL_DETAILS, S.QUOTATION_SENT, S.PAYMENT_PENDING])
def test_while_held_nobody_else_hears_anything(status, coordinator):
    booking = booking_in(status)
    booking = step(booking, S.ON_HOLD, reason="medical", review_on=booking.local_today() + 50 * DAY)
    run_at(clock.now() + 20 * DAY)
    assert reminders(booking) == []
    # What has passed takes effect on resuming.
    with clock.at(clock.now() + 20 * DAY):
        step(booking, status)
    run_at(clock.now() + 21 * DAY, send_reminders, send_payment_reminders)
    expected = {
        S.AWAITING_MEDICAL_DETAILS: ["details_reminder"],
        S.QUOTATION_SENT: [],  # it has expired meanwhile
        S.PAYMENT_PENDING: ["payment_reminder"],
    }
    assert reminders(booking) == expected[status]


def test_the_tasks_say_what_they_did(coordinator):
    booking_in(S.AWAITING_MEDICAL_DETAILS)
    with clock.at(clock.now() + 4 * DAY):
        send_reminders.run()
        assert TaskRun.objects.get(task="bookings.remind").result == "1 reminders sent"
        send_reminders.run()
        assert TaskRun.objects.get(task="bookings.remind").result == "0 reminders sent"


def test_a_coordinator_reminds_by_hand_once_a_day(coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    assert remind_now(booking, actor=coordinator) is True
    assert remind_now(booking, actor=coordinator) is False
    with clock.at(clock.now() + DAY):
        assert remind_now(booking, actor=coordinator) is True
    assert times(booking, "quotation_reminder") == 2
    with pytest.raises(GuardFailed) as refusal:
        remind_now(requested(), actor=coordinator)
    assert refusal.value.code == "nobody_to_remind"


def test_documents_are_named_when_reminded_by_hand(coordinator):
    booking = step(booking_in(S.ACCEPTED), S.AWAITING_MEDICAL_DETAILS, wanted=[{"type": "mri"}])
    remind_now(booking, actor=coordinator)
    assert "MRI" in Notification.objects.get(type="details_reminder", channel="in_app").message
