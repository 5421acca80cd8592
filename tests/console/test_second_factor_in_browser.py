"""Two-step sign-in in a real browser: the QR code is seen, and Arabic is mirrored."""

import pytest

from apps.accounts.models import Totp
from tests.console.conftest import SCREEN
from tests.factories.accounts import PASSWORD, UserFactory, code_of

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(chromium, live_server, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.STAFF_TOTP_REQUIRED = True
    context = chromium.new_context(viewport=SCREEN)
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.base = live_server.url
    yield page
    context.close()
    assert not complaints


def send(page):
    page.locator(".mv-form button.is-primary").click()
    page.wait_for_load_state("networkidle")


def give_password(page, user):
    page.goto(f"{page.base}/admin/login/")
    page.fill("input[name=username]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_from_being_made_to_set_it_up_to_signing_in_with_it(page, language):
    user = UserFactory(coordinator=True, preferred_language=language)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": page.base}])
    give_password(page, user)
    assert page.url.endswith("/admin/second-factor/")

    page.fill("input[name=current_password]", PASSWORD)
    send(page)
    drawn = page.locator(".mv-qr svg").bounding_box()
    assert min(drawn["width"], drawn["height"]) >= 150
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    secret = page.locator(".mv-secret")
    assert secret.inner_text() == Totp.objects.get(user=user).secret
    assert secret.evaluate("element => getComputedStyle(element).direction") == "ltr"

    page.fill("input[name=code]", code_of(user))
    send(page)
    codes = page.locator(".mv-codes bdi").all_inner_texts()
    assert len(codes) == 10
    page.emulate_media(media="print")
    assert page.locator(".mv-codes").is_visible()
    assert not page.locator("[data-print]").is_visible()
    page.emulate_media(media="screen")
    page.locator(".mv-printed a.is-primary").click()
    page.wait_for_url("**/admin/")

    page.goto(f"{page.base}/admin/second-factor/")
    page.context.clear_cookies(name="sessionid")
    give_password(page, user)
    assert page.url.endswith("/admin/login/code/")
    assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
    page.fill("input[name=code]", codes[0].lower())
    send(page)
    page.wait_for_url("**/admin/")
