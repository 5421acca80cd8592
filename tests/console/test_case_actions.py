"""The buttons of a case: each does what the same service does for the API, and refuses where that refuses."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.billing.models import BankReceipt, GatewayCode
from apps.billing.services.payments import start_payment
from apps.bookings.admin.booking import ACTIONS
from apps.bookings.models import Booking, EventKind, Quotation, Visibility
from apps.bookings.states import BookingStatus as S
from apps.bookings.states import QuotationStatus
from medivoy.core import clock
from tests.console.conftest import press, press_address, session_of
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in, draft, pay_deposit, step

pytestmark = pytest.mark.django_db


def status_of(booking):
    return Booking.objects.get(pk=booking.pk).status


def newest(booking):
    return booking.events.order_by("-created_at", "-id").first()


def test_a_request_is_taken_into_review_accepted_and_asked_for_documents_in_three_presses(desk, coordinator):
    booking = booking_in(S.REQUESTED)
    press(desk, booking, "under_review")
    press(desk, booking, "accepted")
    press(desk, booking, "awaiting_medical_details", types=["mri", "xray"], why="")
    assert status_of(booking) == S.AWAITING_MEDICAL_DETAILS
    assert {wanted.type for wanted in booking.wanted_documents.all()} == {"mri", "xray"}
    assert newest(booking).actor == coordinator


def test_a_quotation_is_drafted_line_by_line_and_sent(desk):
    booking = booking_in(S.AWAITING_MEDICAL_DETAILS)
    today = booking.local_today()
    answer = press(
        desk,
        booking,
        "draft_quotation",
        currency=booking.hospital.currency,
        valid_until=(today + timedelta(days=10)).isoformat(),
        exclusions="Flights\n\nHotel",
        rests_on="MRI of May",
        **{
            "lines-TOTAL_FORMS": "2",
            "lines-INITIAL_FORMS": "0",
            "lines-0-description": "Operation",
            "lines-0-kind": "included",
            "lines-0-quantity": "1",
            "lines-0-unit_price": "5000",
            "lines-1-description": "Single room",
            "lines-1-kind": "optional",
            "lines-1-quantity": "3",
            "lines-1-unit_price": "40",
        },
    )
    assert answer.status_code == 200
    quotation = Quotation.objects.get(booking=booking)
    assert (quotation.status, quotation.total, quotation.exclusions) == ("draft", 5000, ["Flights", "Hotel"])
    press(desk, booking, "quotation_sent")
    assert status_of(booking) == S.QUOTATION_SENT


def test_the_new_version_is_prefilled_from_the_last(desk):
    booking = booking_in(S.QUOTATION_SENT)
    page = desk.get(press_address(booking, "draft_quotation")).content.decode()
    assert 'value="Surgery"' in page
    assert 'value="1000.00"' in page


def test_extending_the_validity_sends_the_same_offer_again_with_a_later_day(desk):
    booking = booking_in(S.QUOTATION_SENT)
    later = booking.local_today() + timedelta(days=40)
    press(desk, booking, "extend", valid_until=later.isoformat())
    versions = list(booking.quotations.order_by("version_number"))
    assert [version.status for version in versions] == [QuotationStatus.SUPERSEDED, QuotationStatus.SENT]
    assert (versions[1].valid_until, versions[1].total) == (later, versions[0].total)


def test_a_refused_move_says_why_and_keeps_what_was_typed(desk):
    booking = booking_in(S.ACCEPTED)
    yesterday = (booking.local_today() - timedelta(days=1)).isoformat()
    answer = press(desk, booking, "on_hold", reason="medical", review_on=yesterday, notes="Waits for the cardiologist")
    page = answer.content.decode()
    assert status_of(booking) == S.ACCEPTED
    assert 'role="alert"' in page
    assert "Waits for the cardiologist" in page


def test_a_case_that_changed_meanwhile_is_left_alone_and_the_bar_says_who_did_what(desk, coordinator):
    booking = booking_in(S.UNDER_REVIEW)
    seen = newest(booking).pk
    other = UserFactory(coordinator=True, first_name="Omar", last_name="Fast")
    step(booking, S.ACCEPTED, actor=other)
    answer = desk.post(
        press_address(booking, "rejected"),
        {"seen": seen, "expected_status": S.UNDER_REVIEW, "reason": "Too busy", "internal_notes": "typed with care"},
    )
    page = answer.content.decode()
    assert status_of(booking) == S.ACCEPTED
    assert "Omar Fast" in page
    assert "typed with care" in page
    assert "Accepted" in page


def test_the_same_press_twice_writes_once(desk):
    booking = booking_in(S.REQUESTED)
    data = {"seen": newest(booking).pk, "expected_status": S.REQUESTED}
    address = press_address(booking, "under_review")
    desk.post(address, data)
    desk.post(address, data)
    assert booking.events.filter(to_status=S.UNDER_REVIEW).count() == 1


def test_cancelling_shows_the_refund_rule_by_rule_before_it_is_done(desk):
    booking = pay_deposit(booking_in(S.PAYMENT_PENDING))
    shown = press(desk, booking, "cancelled", party="hospital", reason="doctor_unavailable")
    assert status_of(booking) != S.CANCELLED
    assert "200.00" in shown.content.decode()
    token = shown.context["preview"].token
    press(desk, booking, "cancelled", party="hospital", reason="doctor_unavailable", confirmed=token)
    assert status_of(booking) == S.CANCELLED
    assert booking.refunds.get().amount == 200


def test_a_cancellation_whose_refund_changed_is_shown_again(desk):
    booking = pay_deposit(booking_in(S.PAYMENT_PENDING))
    press(desk, booking, "cancelled", party="hospital", reason="other", confirmed="999.00")
    assert status_of(booking) != S.CANCELLED


def test_a_receipt_shows_what_it_settles_and_then_settles_it(desk):
    booking = booking_in(S.PAYMENT_PENDING)
    receipt = {
        "value_date": clock.today().isoformat(),
        "sender": "A. Payer",
        "reference": "BANK-1",
        "amount": "200.00",
        "currency": booking.currency,
        "proof": "Statement of May",
    }
    shown = press(desk, booking, "record_receipt", **receipt)
    assert "Deposit" in shown.content.decode()
    assert not BankReceipt.objects.exists()
    press(desk, booking, "record_receipt", **receipt, confirmed=shown.context["preview"].token)
    fresh = Booking.objects.get(pk=booking.pk)
    assert fresh.amount_paid == 200
    assert fresh.milestones.get(needed_for=S.TRAVEL_ARRANGEMENT).state == "met"


@pytest.mark.django_db(transaction=True)
def test_a_transfer_that_was_announced_is_confirmed_by_its_receipt():
    with transaction.atomic():
        booking = booking_in(S.PAYMENT_PENDING)
    user = booking.coordinator
    start_payment(booking, actor=booking.patient.user, gateway=GatewayCode.BANK_TRANSFER)
    assert Booking.objects.get(pk=booking.pk).waiting_on == "coordinator"
    receipt = {
        "value_date": clock.today().isoformat(),
        "sender": "A. Payer",
        "reference": "BANK-2",
        "amount": "200.00",
        "currency": booking.currency,
        "proof": "Statement",
    }
    client = session_of(user)
    shown = press(client, booking, "record_receipt", **receipt)
    press(client, booking, "record_receipt", **receipt, confirmed=shown.context["preview"].token)
    assert booking.payments.get().status == "completed"


@pytest.mark.django_db(transaction=True)
def test_the_payment_link_is_made_and_shown():
    with transaction.atomic():
        booking = booking_in(S.PAYMENT_PENDING)
    answer = press(session_of(booking.coordinator), booking, "payment_link")
    assert booking.payments.get().client_data["checkout_url"] in answer.content.decode()


def test_a_note_is_internal_unless_it_is_said_otherwise(desk):
    booking = booking_in(S.ACCEPTED)
    press(desk, booking, "entry", kind="note", visibility="staff", text="Prefers mornings", follow_up="")
    event = newest(booking)
    assert (event.kind, event.visibility) == (EventKind.NOTE, Visibility.STAFF)
    assert (event.notes, event.internal_notes) == ("", "Prefers mornings")


def test_a_call_is_logged_with_its_follow_up_in_one_press(desk):
    booking = booking_in(S.ACCEPTED)
    press(
        desk,
        booking,
        "entry",
        kind="call",
        visibility="staff",
        answered="on",
        text="Will send the MRI",
        follow_up="tomorrow",
    )
    fresh = Booking.objects.get(pk=booking.pk)
    assert fresh.events.filter(kind=EventKind.CALL, data__answered=True).exists()
    assert fresh.follow_up_at is not None
    assert fresh.follow_up_at.date() == clock.today() + timedelta(days=1)


def test_a_case_is_handed_over_with_a_note(desk):
    booking = booking_in(S.ACCEPTED)
    other = UserFactory(coordinator=True)
    press(desk, booking, "hand_over", coordinator=other.pk, note="Speaks her language")
    assert Booking.objects.get(pk=booking.pk).coordinator == other


def test_only_an_admin_is_offered_the_emergency_override(desk, admin_user):
    booking = booking_in(S.PAYMENT_PENDING)
    assert "override_reason" not in desk.get(press_address(booking, "travel_arrangement")).content.decode()
    press(desk, booking, "travel_arrangement", override_reason="Dying")
    assert status_of(booking) == S.PAYMENT_PENDING
    press(session_of(admin_user), booking, "travel_arrangement", override_reason="The surgeon leaves on Friday")
    assert status_of(booking) == S.TRAVEL_ARRANGEMENT


def test_a_coordinator_cannot_waive_a_milestone_and_an_admin_can(desk, admin_user):
    booking = booking_in(S.PAYMENT_PENDING)
    milestone = booking.milestones.first()
    data = {"milestone": milestone.pk, "reason": "Agreed with the hospital"}
    assert desk.post(press_address(booking, "waive"), data).status_code == 403
    press(session_of(admin_user), booking, "waive", **data)
    milestone.refresh_from_db()
    assert milestone.state == "waived"


def test_a_reminder_goes_out_once_a_day_at_most(desk):
    booking = booking_in(S.QUOTATION_SENT)
    press(desk, booking, "remind")
    press(desk, booking, "remind")
    assert booking.events.filter(kind=EventKind.REMINDER).count() == 1


@pytest.mark.parametrize("code", sorted(ACTIONS))
def test_every_button_has_a_page_for_staff_and_none_for_others(code, desk, admin_user):
    booking = booking_in(S.QUOTATION_SENT)
    assert session_of(admin_user).get(press_address(booking, code)).status_code == 200
    assert session_of(UserFactory(translator=True)).get(press_address(booking, code)).status_code == 403
    assert session_of(booking.patient.user).post(press_address(booking, code)).status_code == 302
    assert status_of(booking) == S.QUOTATION_SENT


def test_an_unknown_button_is_not_found(desk):
    booking = booking_in(S.REQUESTED)
    assert desk.get(press_address(booking, "explode")).status_code == 404


def test_a_get_never_moves_anything(desk):
    booking = booking_in(S.REQUESTED)
    desk.get(press_address(booking, "under_review"))
    assert status_of(booking) == S.REQUESTED


def test_a_press_without_the_csrf_token_is_refused(coordinator):
    booking = booking_in(S.REQUESTED)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(coordinator, backend="apps.accounts.backends.RoleBackend")
    assert strict.post(press_address(booking, "under_review")).status_code == 403
    assert status_of(booking) == S.REQUESTED


def test_several_cases_are_assigned_and_followed_up_at_once_and_never_moved(desk):
    cases = [booking_in(S.REQUESTED), booking_in(S.UNDER_REVIEW)]
    to = UserFactory(coordinator=True)
    listing = reverse("admin:bookings_booking_changelist")
    chosen = {"_selected_action": [case.pk for case in cases]}
    desk.post(listing, {**chosen, "action": "assign_to", "coordinator": to.pk})
    desk.post(listing, {**chosen, "action": "follow_up_on", "when": "tomorrow"})
    for case in cases:
        fresh = Booking.objects.get(pk=case.pk)
        assert fresh.coordinator == to
        assert fresh.follow_up_at is not None
        assert fresh.status == case.status


def test_a_draft_without_lines_is_refused_with_the_form_kept(desk):
    booking = booking_in(S.AWAITING_MEDICAL_DETAILS)
    answer = press(
        desk,
        booking,
        "draft_quotation",
        currency=booking.hospital.currency,
        valid_until=(booking.local_today() + timedelta(days=10)).isoformat(),
        rests_on="kept words",
        **{"lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0"},
    )
    assert "kept words" in answer.content.decode()
    assert not booking.quotations.exists()


def test_a_draft_is_offered_to_be_sent(desk):
    booking = booking_in(S.AWAITING_MEDICAL_DETAILS)
    draft(booking)
    address = reverse("admin:bookings_booking_change", args=[booking.pk])
    assert desk.get(address).context["primary"]["code"] == "quotation_sent"


@pytest.mark.parametrize(
    "line", [{"quantity": "0"}, {"unit_price": "-1"}, {"unit_price": "999999999999999", "quantity": "9999999"}]
)
def test_t57_a_line_that_no_quotation_can_have_is_said_in_the_form(desk, line):
    """T57: the same service as the API's refuses it."""
    booking = booking_in(S.ACCEPTED)
    values = {"description": "Operation", "kind": "included", "quantity": "1", "unit_price": "5000"} | line
    lines = {f"lines-0-{name}": value for name, value in values.items()}
    data = {"currency": booking.hospital.currency, "valid_until": booking.local_today().isoformat()} | lines
    answer = press(desk, booking, "draft_quotation", **data, **{"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0"})
    assert (answer.status_code, Quotation.objects.count()) == (200, 0)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_t57_a_day_out_of_reach_is_said_in_the_form(desk, day):
    """T57."""
    booking = booking_in(S.ACCEPTED)
    lines = {"lines-0-description": "Operation", "lines-0-kind": "included", "lines-0-quantity": "1"}
    lines |= {"lines-0-unit_price": "5000", "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0"}
    data = {"currency": booking.hospital.currency, "valid_until": day, **lines}
    assert press(desk, booking, "draft_quotation", **data).status_code == 200
    assert press(desk, booking, "follow_up", when="date", day=day).status_code == 200
    assert press(desk, booking, "on_hold", reason="visa", review_on=day).status_code == 200
    assert desk.get(press_address(booking, "on_hold")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_failed_refund_is_sent_by_bank_by_hand():
    with transaction.atomic():
        booking = pay_deposit(booking_in(S.PAYMENT_PENDING))
        step(booking, S.CANCELLED, party="hospital", reason="other")
        refund = booking.refunds.get()
        refund.status = "failed"
        refund.save(update_fields=["status"])
    client = session_of(booking.coordinator)
    page = client.get(reverse("admin:bookings_booking_change", args=[booking.pk])).content.decode()
    assert press_address(booking, "refund_by_bank") in page
    press(client, booking, "refund_by_bank", refund=refund.pk, reference="BACK-1")
    refund.refresh_from_db()
    assert (refund.status, Booking.objects.get(pk=booking.pk).amount_refunded) == ("completed", 200)


def test_a_mismatch_is_set_aside_with_what_was_done(desk):
    booking = pay_deposit(booking_in(S.PAYMENT_PENDING))
    payment = booking.payments.get()
    payment.mismatch = "500 USD ≠ 200 USD"
    payment.save(update_fields=["mismatch"])
    press(desk, booking, "set_aside", payment=payment.pk, reason="Sent back by the gateway's support")
    payment.refresh_from_db()
    assert payment.mismatch == ""
