"""The audit trail in a real browser: from a case to its history to one entry, and narrowed; mirrored in Arabic."""

import pytest

from apps.accounts.models import User
from medivoy.core.context import request_scope, writing
from tests.console.conftest import SCREEN, case_address, session_of
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in

pytestmark = [pytest.mark.django_db(transaction=True)]

REQUEST = "51544770d29f4b4fba3e3a1e4ec026bb"
LONG_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"


@pytest.fixture
def page(chromium, live_server, settings):
    settings.ALLOWED_HOSTS = ["*"]
    context = chromium.new_context(viewport=SCREEN)
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.base = live_server.url
    yield page
    context.close()
    assert not complaints


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def direction(locator):
    return locator.evaluate("element => getComputedStyle(element).direction")


@pytest.mark.parametrize(("language", "way"), [("en", "ltr"), ("ar", "rtl")])
def test_from_a_case_to_its_history_to_an_entry(page, settings, language, way):
    watcher = UserFactory(admin=True, preferred_language=language)
    came = request_scope(REQUEST, ip="2001:db8:85a3::8a2e:370:7334", user_agent=LONG_AGENT)
    with came, writing(watcher):
        booking = booking_in("quotation_sent")
        User.objects.filter(pk=watcher.pk).update(first_name="ليلى", last_name="Watch")
    cookie = session_of(watcher).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": page.base}])

    page.goto(page.base + case_address(booking))
    page.locator(f"a[href$='/{booking.pk}/history/']").click()
    page.wait_for_url("**/history/")
    assert page.evaluate("document.documentElement.dir") == way
    assert fits(page)
    lines = page.locator(".mv-trail tbody tr")
    assert lines.count() >= 4
    key = lines.first.locator("code").first
    assert (key.inner_text(), direction(key)) == (str(booking.pk), "ltr")
    first, last = lines.first.locator("td").first.bounding_box(), lines.first.locator("td").last.bounding_box()
    assert (first["x"] > last["x"]) == (way == "rtl"), "the columns run as the page does"

    lines.first.locator("td.is-when a").click()
    page.wait_for_url("**/auditentry/*/change/")
    assert fits(page)
    page.locator("a", has_text=REQUEST).click()
    page.wait_for_url("**/auditentry/?search=*")
    page.select_option("select[name=kind]", "user")
    page.locator(".mv-filters button").click()
    page.wait_for_url("**kind=user**")
    assert fits(page)
    assert page.locator(".mv-changes", has_text="ليلى").count() == 1
    page.locator("details summary").first.click()
    assert page.locator("details .mv-changes").first.is_visible()
