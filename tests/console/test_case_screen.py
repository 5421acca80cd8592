"""The screen of one case."""

import uuid
from decimal import Decimal

import pytest
from django.urls import reverse

from apps.bookings.models import Booking
from apps.bookings.states import BookingStatus as S
from tests.console.conftest import case_address, session_of
from tests.counting import queries
from tests.factories.bookings import accept, booking_in, draft, step

pytestmark = pytest.mark.django_db


def screen(client, booking):
    return client.get(case_address(booking))


@pytest.mark.parametrize("status", S.values)
def test_every_state_has_a_screen_with_its_moves(desk, status):
    booking = booking_in(status)
    answer = screen(desk, booking)
    assert answer.status_code == 200
    assert booking.booking_number in answer.content.decode()


def test_a_blocked_move_is_greyed_with_its_reason_in_a_sentence(desk):
    booking = booking_in(S.PAYMENT_PENDING)
    moves = {move.code: move for move in screen(desk, booking).context["moves"]}
    assert "200.00" in moves["travel_arrangement"].blocked_because
    assert not moves["on_hold"].blocked_because
    assert moves["travel_arrangement"].blocked_because in screen(desk, booking).content.decode()


def test_no_state_and_no_amount_can_be_typed(desk, admin_user):
    booking = booking_in(S.PAYMENT_PENDING)
    for client in (desk, session_of(admin_user)):
        answer = client.post(case_address(booking), {"status": "completed", "amount_paid": "1000"})
        assert answer.status_code == 403
    fresh = Booking.objects.get(pk=booking.pk)
    assert (fresh.status, fresh.amount_paid) == (S.PAYMENT_PENDING, 0)
    page = screen(desk, booking).content.decode()
    assert 'name="status"' not in page
    assert 'name="amount_paid"' not in page


def test_nobody_adds_or_deletes_a_case_here(desk, admin_user):
    booking = booking_in(S.REQUESTED)
    for client in (desk, session_of(admin_user)):
        assert client.get(reverse("admin:bookings_booking_add")).status_code == 403
        assert client.post(reverse("admin:bookings_booking_delete", args=[booking.pk])).status_code == 403
    assert Booking.objects.filter(pk=booking.pk).exists()


def test_an_unknown_case_is_not_found(desk):
    assert desk.get(reverse("admin:bookings_booking_change", args=[uuid.uuid4()])).status_code == 404
    assert desk.get("/admin/bookings/booking/garbage/change/").status_code == 404


def test_the_newest_quotation_stands_beside_the_version_before(desk):
    booking = booking_in(S.QUOTATION_SENT)
    draft(booking, total=Decimal(900))
    step(booking, S.QUOTATION_SENT)
    context = screen(desk, booking).context
    assert (context["quotation"].version_number, context["quotation_before"].version_number) == (2, 1)
    assert [line["changed"] for line in context["compared"]] == [True]


def test_the_number_of_queries_is_the_same_for_a_long_case(desk, coordinator):
    booking = booking_in(S.QUOTATION_SENT)
    screen(desk, booking)
    few = queries(lambda: screen(desk, booking))
    for total in map(Decimal, (800, 810, 820)):
        draft(booking, total=total)
        step(booking, S.QUOTATION_SENT)
    assert queries(lambda: screen(desk, booking)) == few


def test_the_papers_open_in_the_browser(desk):
    booking = booking_in(S.QUOTATION_SENT)
    quotation = booking.quotations.get()
    answer = desk.get(reverse("admin:bookings_booking_quotation_pdf", args=[booking.pk, quotation.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    other = booking_in(S.QUOTATION_SENT)
    stolen = reverse("admin:bookings_booking_quotation_pdf", args=[other.pk, quotation.pk])
    assert desk.get(stolen).status_code == 404


def test_the_list_finds_a_case_by_what_people_say_on_the_telephone(desk):
    booking = booking_in(S.REQUESTED)
    booking_in(S.REQUESTED)
    user = booking.patient.user
    user.first_name, user.last_name = "Élodie", "Marchandeau"
    user.save(update_fields=["first_name", "last_name"])
    listing = reverse("admin:bookings_booking_changelist")
    for words in (booking.booking_number, "elodie", "marchandeau", user.email, str(user.phone)):
        found = desk.get(listing, {"q": words}).context["cl"].queryset
        assert [row.pk for row in found] == [booking.pk], words


@pytest.mark.parametrize(
    "query",
    [
        {"status": "requested"},
        {"waiting_on": "coordinator"},
        {"overdue": "red"},
        {"overdue": "amber"},
        {"age": "7"},
        {"country": "KW"},
        {"language": "en"},
        {"quotation": "expiring"},
        {"payment_status": "unpaid"},
    ],
)
def test_the_filters_of_the_list_answer(desk, query):
    booking_in(S.REQUESTED)
    assert desk.get(reverse("admin:bookings_booking_changelist"), query).status_code == 200


def test_the_list_asks_as_many_queries_for_three_cases_as_for_one(desk):
    listing = reverse("admin:bookings_booking_changelist")
    accept(booking_in(S.QUOTATION_SENT))
    desk.get(listing)
    one = queries(lambda: desk.get(listing))
    booking_in(S.REQUESTED)
    booking_in(S.UNDER_REVIEW)
    assert queries(lambda: desk.get(listing)) == one
