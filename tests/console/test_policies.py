"""T69: in a real browser no page loses anything to its policy, and what was put into one does not run."""

import pytest
from django.db import transaction
from django.urls import reverse

from apps.bookings.states import BookingStatus as S
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.billing import begin, owing
from tests.factories.bookings import booking_in

pytestmark = [pytest.mark.django_db(transaction=True)]
INJECT = """() => {
    const script = document.createElement("script");
    script.textContent = "window.injected = true";
    document.body.append(script);
    document.body.insertAdjacentHTML("beforeend", "<img src='data:,' onerror='window.injected = true'>");
}"""
VIOLATIONS = """
    window.violations = [];
    document.addEventListener("securitypolicyviolation", event => window.violations.push(
        `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


class Reader:
    """Somebody with a browser; remembers what it complained about."""

    def __init__(self, context, base):
        self.page, self.base, self.complaints = context.new_page(), base, []
        self.page.add_init_script(VIOLATIONS)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self.hear)

    def hear(self, message):
        wants_icon = message.location["url"].endswith("/favicon.ico")
        if not wants_icon and (message.type == "error" or "polic" in message.text.lower()):
            self.complaints.append(message.text)

    def open(self, path):
        self.page.goto(self.base + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def check(self):
        """Nothing was refused on the page that is open, and nothing on the way to it."""
        assert self.page.evaluate("window.violations") == []
        assert self.complaints == []

    def inject(self):
        """Put scripts into the page as somebody would who found a hole; say whether one ran."""
        self.page.evaluate(INJECT)
        self.page.wait_for_timeout(100)
        refused = self.page.evaluate("window.violations")
        self.complaints.clear()
        assert any(violation.startswith("script-src") for violation in refused)
        return self.page.evaluate("window.injected") is True


@pytest.fixture
def reader(chromium, live_server, settings):
    settings.ALLOWED_HOSTS = ["*"]
    context = chromium.new_context()
    yield Reader(context, live_server.url)
    context.close()


def test_the_console(reader):
    user = UserFactory(coordinator=True)
    with transaction.atomic():
        booking = booking_in(S.PAYMENT_PENDING)
    page = reader.open("/admin/login/")
    page.fill("input[name=username]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")
    reader.check()
    case = reverse("admin:bookings_booking_change", args=[booking.pk])
    for address in ("/admin/?scope=all", reverse("admin:bookings_booking_changelist"), case):
        reader.open(address)
        reader.check()
    page.click("a:has-text('Record a receipt')")
    page.wait_for_selector("dialog input[name=reference]")
    reader.check()
    assert not reader.inject()


@pytest.mark.parametrize(("address", "shown"), [("/api/docs", ".opblock"), ("/api/redoc", "h1")])
def test_the_pages_of_the_api(reader, address, shown):
    page = reader.open(address)
    page.wait_for_selector(shown)
    reader.check()
    assert not reader.inject()


def test_the_sandbox(reader):
    with transaction.atomic():
        booking = owing()
    payment = begin(booking)
    path = "/api/v1" + payment.client_data["checkout_url"].partition("/api/v1")[2]
    page = reader.open(path)
    page.click("button.approve")
    page.wait_for_selector(".result.paid")
    reader.check()
    assert not reader.inject()


def test_a_page_of_an_error(reader):
    page = reader.open("/nowhere")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).borderInlineStartWidth") == "4px"
    assert page.evaluate("window.violations") == []
    assert not reader.inject()
