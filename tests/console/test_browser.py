"""The console in a real browser: the clicks are counted, the keys work, and Arabic is mirrored."""

import pytest
from django.db import transaction

from apps.bookings.models import Booking
from apps.bookings.states import BookingStatus as S
from medivoy.core import clock
from tests.console.conftest import SCREEN
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.bookings import booking_in

pytestmark = [pytest.mark.django_db(transaction=True)]


class Desk:
    """A coordinator at the screen; counts every click."""

    def __init__(self, page, base):
        self.page, self.base, self.clicks = page, base, 0

    def open(self, path):
        self.page.goto(f"{self.base}{path}")

    def click(self, selector):
        self.clicks += 1
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state("networkidle")


@pytest.fixture
def desk(chromium, live_server, settings):
    settings.ALLOWED_HOSTS = ["*"]
    user = UserFactory(coordinator=True, email="lina@example.test")
    context = chromium.new_context(viewport=SCREEN)
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/admin/login/")
    page.fill("input[name=username]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")
    yield Desk(page, live_server.url)
    context.close()
    assert not complaints


def made(status):
    with transaction.atomic():
        return booking_in(status)


def fresh(booking):
    return Booking.objects.get(pk=booking.pk)


def test_a_new_request_is_asked_for_documents_in_three_clicks(desk):
    booking = made(S.REQUESTED)
    desk.open("/admin/?scope=all")
    desk.click("#your-turn button:has-text('Take into review')")
    desk.click("[data-primary]")
    desk.click("[data-primary]")
    assert desk.clicks == 3
    assert fresh(booking).status == S.AWAITING_MEDICAL_DETAILS
    assert booking.wanted_documents.exists()


def test_a_receipt_in_hand_settles_the_booking_in_four_clicks(desk):
    booking = made(S.PAYMENT_PENDING)
    desk.open("/admin/bookings/booking/")
    desk.click("#result_list tbody a")
    desk.click("a:has-text('Record a receipt')")
    page = desk.page
    page.fill("dialog input[name=reference]", "BANK-77")
    page.fill("dialog input[name=amount]", "1000.00")
    page.fill("dialog input[name=proof]", "Statement")
    page.fill("dialog input[name=value_date]", clock.today().isoformat())
    desk.click("dialog form button.is-primary")
    assert "Balance afterwards" in page.content()
    desk.click("form button.is-primary")
    assert desk.clicks == 4
    assert fresh(booking).balance == 0


def test_a_call_with_its_follow_up_is_two_clicks(desk):
    booking = made(S.UNDER_REVIEW)
    desk.open(f"/admin/bookings/booking/{booking.pk}/change/")
    desk.click("label:has(input[value=call])")
    desk.page.fill("#mv-text", "Will send the scan tonight")
    desk.click("button:has-text('follow up tomorrow')")
    assert desk.clicks == 2
    assert fresh(booking).follow_up_at is not None


def test_your_turn_is_seen_without_scrolling(desk):
    made(S.REQUESTED)
    desk.open("/admin/?scope=all")
    row = desk.page.locator("#your-turn tbody tr").first.bounding_box()
    assert row["y"] + row["height"] < SCREEN["height"]


def test_the_keys_work_outside_of_inputs_only(desk):
    booking = made(S.UNDER_REVIEW)
    desk.open(f"/admin/bookings/booking/{booking.pk}/change/")
    page = desk.page
    page.keyboard.press("m")
    assert page.locator(".mv-moves").get_attribute("open") is not None
    page.keyboard.press("i")
    assert page.evaluate("document.activeElement.id") == "mv-text"
    page.keyboard.type("m?")
    assert page.locator("#mv-text").input_value() == "m?"
    assert page.locator("#mv-keys").get_attribute("open") is None
    page.locator("h1").first.click()
    page.keyboard.press("?")
    assert page.locator("#mv-keys").get_attribute("open") is not None


@pytest.mark.parametrize("path", ["/admin/?scope=all", "/admin/bookings/booking/", "case"])
def test_arabic_is_mirrored_without_overflow_and_numbers_stay_left_to_right(desk, path):
    booking = made(S.PAYMENT_PENDING)
    desk.page.context.add_cookies([{"name": "django_language", "value": "ar", "url": desk.base}])
    desk.open(f"/admin/bookings/booking/{booking.pk}/change/" if path == "case" else path)
    page = desk.page
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    sidebar = page.locator("#nav-sidebar, #nav-sidebar-apps").first.bounding_box()
    assert sidebar["x"] > SCREEN["width"] / 2
    number = page.locator(f"bdi:has-text('{booking.booking_number}')").first
    if number.count():
        assert number.evaluate("element => getComputedStyle(element).direction") == "ltr"


def test_no_page_asks_the_outside_for_anything(desk):
    booking = made(S.PAYMENT_PENDING)
    asked = []
    desk.page.on("request", lambda request: asked.append(request.url))
    for path in ("/admin/", "/admin/bookings/booking/", f"/admin/bookings/booking/{booking.pk}/change/"):
        desk.open(path)
        desk.page.wait_for_load_state("networkidle")
    assert asked
    assert [url for url in asked if not url.startswith((desk.base, "data:"))] == []
