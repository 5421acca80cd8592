"""The table of roles as a page: for admins, whole, in every language."""

import re
from html import escape

import pytest
from django.utils import translation

from apps.accounts.admin import roles
from apps.accounts.roles import ADMIN_PERMISSIONS, OPERATIONS, RIGHTS, STAFF, Role
from medivoy.api import matrix
from medivoy.catalogues import PLURALS
from tests.console.conftest import SCREEN, session_of
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/admin/roles/"


@pytest.fixture
def page(admin_user):
    return session_of(admin_user).get(PAGE).content.decode()


@pytest.mark.parametrize("role", Role)
def test_t15_admins_alone_see_it(role):
    """T15."""
    client = session_of(UserFactory(user_type=role))
    expected = 200 if role == Role.ADMIN else 403 if role in STAFF else 302

    assert client.get(PAGE).status_code == expected
    if role in STAFF:
        assert ('href="/admin/roles/"' in client.get("/admin/").content.decode()) == (expected == 200)


def test_it_shows_every_line_with_its_marks(page):
    rows = dict(re.findall(r'<th scope="row">\s*<code dir="ltr">([\w.]+)</code>(.*?)</tr>', page, re.DOTALL))

    assert set(rows) == {*OPERATIONS, *RIGHTS, *ADMIN_PERMISSIONS}
    assert rows["booking.destroy"].count("is-yes") == 4
    assert "DELETE /api/v1/bookings/{pk}" in rows["booking.destroy"]
    assert "Booking.visible_to" in rows["booking.destroy"]
    assert rows["booking.accept_quotation"].count("is-yes") == 1
    assert "can_accept" in rows["booking.accept_quotation"]


@pytest.mark.parametrize("language", PLURALS)
def test_it_speaks_the_readers_language(admin_user, language):
    client = session_of(admin_user)
    client.cookies["django_language"] = language
    body = client.get(PAGE).content.decode()

    with translation.override(language):
        assert all(escape(str(role.label)) in body for role in Role)


def test_every_heading_has_a_name_to_translate():
    rules = [
        (matrix.operations(), roles._entity),
        (matrix.rights(), roles._entity),
        (matrix.permissions(), roles._model),
    ]
    entities = {entity(rule) for found, entity in rules for rule in found}
    with translation.override("ar"):
        assert {entity for entity in entities if str(roles._heading(entity)).isascii()} == set()


def test_it_asks_the_database_for_no_row_of_the_table(admin_user, django_assert_max_num_queries):
    client = session_of(admin_user)
    with django_assert_max_num_queries(12):
        client.get(PAGE)


@pytest.mark.django_db(transaction=True)
def test_arabic_is_mirrored_within_the_screen_and_names_of_operations_are_not(chromium, live_server, settings):
    settings.ALLOWED_HOSTS = ["*"]
    user = UserFactory(admin=True)
    context = chromium.new_context(viewport=SCREEN)
    context.add_cookies([{"name": "django_language", "value": "ar", "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/login/")
    page.fill("input[name=username]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")
    page.goto(f"{live_server.url}{PAGE}")

    code = page.locator("code:has-text('booking.destroy')").first
    table = page.locator(".mv-roles table").first.bounding_box()
    panel = page.locator(".mv-roles").first.bounding_box()
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert code.evaluate("element => getComputedStyle(element).direction") == "ltr"
    assert code.bounding_box()["x"] > table["x"] + table["width"] / 2
    assert table["width"] <= panel["width"]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()
