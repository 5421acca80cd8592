"""T69: what every answer tells browsers, and pages of errors that say what to do and nothing else."""

import re

import pytest
from django.conf import settings as configured
from django.db import OperationalError
from django.test import Client
from django.urls import include, path, re_path
from django.utils import translation
from django.utils.html import escape

from medivoy.api import fallbacks, headers
from medivoy.urls import urlpatterns as real
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

LANGUAGES = [code for code, _name in configured.LANGUAGES]
TIGHT = ("base-uri 'none'", "frame-ancestors 'none'", "default-src 'none'")
to_raise: list[Exception] = []


def broken(request):
    raise to_raise[0]


handler400, handler403 = fallbacks.bad_request, fallbacks.permission_denied
handler404, handler500 = fallbacks.page_not_found, fallbacks.server_error
urlpatterns = [path("broken", broken), path("admin/broken", broken), re_path("", include(real))]


@pytest.fixture(autouse=True)
def all_addresses(settings):
    settings.ROOT_URLCONF = "tests.api.test_headers"
    to_raise.clear()


@pytest.fixture
def browser():
    return Client(raise_request_exception=False)


@pytest.fixture
def staff(browser):
    browser.force_login(UserFactory(admin=True), backend="apps.accounts.backends.RoleBackend")
    return browser


def check(answer):
    """Hold an answer to what every answer has; return its policy by directive."""
    for name, value in headers.EVERYWHERE.items():
        assert answer[name] in (value, "no-referrer"), name
    assert answer["X-Request-ID"]
    policy = answer["Content-Security-Policy"]
    assert all(rule in policy for rule in TIGHT), policy
    assert "http" not in policy
    assert "*" not in policy
    return dict(rule.strip().split(" ", 1) for rule in policy.split(";"))


class TestEveryKindOfAnswer:
    def test_data_errors_and_unknown_addresses(self, browser):
        for address in ("/api/v1/health", "/api/v1/hospitals", "/api/v1/bookings", "/api/v1/nowhere", "/api/schema"):
            assert "script-src" not in check(browser.get(address))
        assert "script-src" not in check(browser.post("/api/v1/auth/login", {}, content_type="application/json"))

    def test_an_answer_that_nothing_changed(self, browser):
        first = browser.get("/api/v1/hospitals")
        again = browser.get("/api/v1/hospitals", headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304
        check(again)

    def test_a_refused_host(self, browser, settings):
        settings.ALLOWED_HOSTS = ["care.medivoy.test"]
        for address in ("/api/v1/health", "/admin/", "/"):
            answer = browser.get(address, headers={"Host": "evil.test"})
            assert answer.status_code == 400
            check(answer)
            assert "evil.test" not in answer.content.decode()

    def test_a_redirect_and_a_refused_length(self, browser):
        answer = browser.get("/admin/")
        assert answer.status_code == 302
        check(answer)
        check(browser.post("/admin/login/", headers={"Content-Length": "99999999"}))

    def test_static_files_are_for_our_own_pages(self, settings, tmp_path):
        (tmp_path / "plain.css").write_text("p {}")
        settings.STATIC_ROOT = tmp_path
        answer = Client().get("/static/plain.css", headers={"Origin": "https://evil.test"})
        assert answer.status_code == 200
        assert "Access-Control-Allow-Origin" not in answer
        check(answer)

    def test_pages_of_the_api(self, browser):
        for address in ("/api/docs", "/api/redoc"):
            rules = check(browser.get(address))
            assert rules["script-src"] == "'self'"
            assert rules["form-action"] == "'none'"

    def test_the_console_alone_may_evaluate(self, staff):
        rules = check(staff.get("/admin/"))
        assert rules["script-src"] == "'self' 'unsafe-eval'"
        assert rules["object-src"] == "'none'"
        assert rules["form-action"] == "'self'"
        for address in ("/api/v1/health", "/api/docs", "/nowhere", "/i18n/setlang/", "/administration", "/adm"):
            assert "unsafe-eval" not in staff.get(address)["Content-Security-Policy"]


class TestTransport:
    def test_browsers_are_told_to_stay_with_https(self, browser, settings):
        settings.SECURE_HSTS_SECONDS = 31_536_000
        secure = Client(raise_request_exception=False)
        for address in ("/api/v1/health", "/admin/login/", "/nowhere"):
            assert "max-age=31536000" in secure.get(address, secure=True)["Strict-Transport-Security"]
            assert "Strict-Transport-Security" not in secure.get(address)

    def test_cookies_are_for_https_and_for_the_server(self, settings):
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.LANGUAGE_COOKIE_SECURE = True
        client = Client()
        client.get("/admin/login/", secure=True)
        client.post("/i18n/setlang/", {"language": "ar"}, secure=True)
        assert set(client.cookies) >= {"csrftoken", "django_language"}
        for cookie in client.cookies.values():
            assert cookie["secure"]
            assert cookie["httponly"]
            assert cookie["samesite"] == "Lax"
            assert not cookie["domain"]
            assert cookie["path"] == "/"


class TestErrorPages:
    """A person's browser gets a plain page; what broke is told to nobody but the log."""

    def page(self, answer, status):
        assert (answer.status_code, answer["Content-Type"]) == (status, "text/html; charset=utf-8")
        check(answer)
        assert answer["Content-Security-Policy"] == headers.PLAIN_PAGE
        assert answer["Cache-Control"] == "no-store"
        text = answer.content.decode()
        assert answer["X-Request-ID"] in text
        assert not re.search(r"<script|style=|onclick|https?://", text)
        return text

    @pytest.mark.parametrize("where", ["/broken", "/admin/broken"])
    def test_a_fault_says_nothing(self, browser, where):
        to_raise.append(RuntimeError("canary-4711"))
        text = self.page(browser.get(where), 500)
        assert "canary" not in text
        assert "RuntimeError" not in text

    def test_the_database_away_is_503(self, browser):
        to_raise.append(OperationalError("canary-4711"))
        answer = browser.get("/broken")
        assert "canary" not in self.page(answer, 503)
        assert answer["Retry-After"]

    def test_unknown_addresses_are_not_repeated(self, browser):
        assert "canary" not in self.page(browser.get("/canary-4711?a=canary"), 404)

    def test_a_stale_form(self):
        strict = Client(enforce_csrf_checks=True)
        self.page(strict.post("/admin/login/", {"username": "canary"}), 403)

    def test_what_is_too_large_is_refused_unread(self, browser, settings):
        settings.UPLOAD_MAX_BYTES = 10
        answer = browser.post("/admin/login/", {"file": "x" * 100})
        self.page(answer, 413)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_they_speak_the_browser_s_language(self, browser, language):
        text = self.page(browser.get("/nowhere", headers={"Accept-Language": language}), 404)
        with translation.override(language):
            assert escape(str(fallbacks.PAGES[404][0])) in text
        assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in text


def test_a_body_whose_length_nobody_knows_is_refused(browser):
    """T57: it would otherwise be taken for an empty one."""
    for address, kind in (("/api/v1/auth/login", "application/json"), ("/admin/login/", "text/html")):
        answer = browser.post(address, headers={"Transfer-Encoding": "chunked"})
        assert answer.status_code == 400
        assert answer["Content-Type"].startswith(kind)
