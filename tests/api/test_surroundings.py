"""Request ids, slashes, languages, sizes, headers, health."""

import logging
import re
import time

import pytest
from django.test import Client

from apps.accounts.models import User
from medivoy.api import health
from medivoy.api.logs import RequestIdFilter
from tests.api import door
from tests.race import contend

pytestmark = pytest.mark.django_db


class TestRequestId:
    def test_a_sane_one_is_kept(self, api):
        assert api.get("/doors", HTTP_X_REQUEST_ID="abc-123_DEF.456")["X-Request-ID"] == "abc-123_DEF.456"

    @pytest.mark.parametrize(
        "sent",
        ["", "short", "x" * 65, "a b c d e f g h", "<script>alert(1)</script>", "a\nb" * 5, "-leading-dash", "é" * 10],
    )
    def test_any_other_is_made_anew(self, api, sent):
        assert re.fullmatch(r"[0-9a-f]{32}", api.get("/doors", HTTP_X_REQUEST_ID=sent)["X-Request-ID"])

    def test_errors_have_it_too(self, api, client):
        api.raise_request_exception = False
        door.to_raise.append(RuntimeError())
        answers = [
            api.get("/nowhere"),
            api.post("/doors"),
            api.get("/doors/raising"),
            api.get("/plain"),
            client.get("/nowhere"),
        ]
        assert all(answer["X-Request-ID"] for answer in answers)

    def test_every_log_line_has_it(self, api, caplog, settings):
        caplog.handler.addFilter(RequestIdFilter())
        api.raise_request_exception = False
        door.to_raise.append(RuntimeError())
        for path in ("/nowhere", "/doors/raising"):
            api.get(path, HTTP_X_REQUEST_ID="request-4711")
        assert len(caplog.records) >= 3
        assert {record.request_id for record in caplog.records} == {"request-4711"}
        console = settings.LOGGING["handlers"]["console"]
        assert console["filters"] == ["request_id"]
        assert "%(request_id)s" in settings.LOGGING["formatters"][console["formatter"]]["format"]

    def test_a_line_outside_of_requests_has_a_dash(self):
        record = logging.makeLogRecord({})
        assert RequestIdFilter().filter(record) is True
        assert record.request_id == "-"


@pytest.mark.parametrize("path", ["/doors", "/health", "/nowhere", "/doors/mine"])
def test_a_trailing_slash_does_not_matter(api, patient, path):
    without, with_slash = (api.as_(patient).get(f"{path}{end}") for end in ("", "/"))
    assert (with_slash.status_code, with_slash.content) == (without.status_code, without.content)
    assert "Location" not in with_slash


class TestLanguage:
    @pytest.mark.parametrize(
        ("query", "preferred", "accepted", "spoken"),
        [
            ("", None, "", "en"),
            ("", None, "fr", "fr"),
            ("", None, "de, hi;q=0.5", "hi"),
            ("", None, "de", "en"),
            ("", None, "ar-EG,en;q=0.1", "ar"),
            ("", "es", "fr", "es"),
            ("?lang=ar", "es", "fr", "ar"),
            ("?lang=AR-eg", None, "fr", "ar"),
            ("?lang=de", "es", "fr", "es"),
            ("?lang=de", None, "fr", "fr"),
            ("?lang=%00", None, "", "en"),
            ("", "xx", "fr", "fr"),
            ("", None, "x" * 5000, "en"),
            ("", None, ";;,,q=", "en"),
        ],
    )
    def test_the_address_then_the_user_then_the_browser(self, api, query, preferred, accepted, spoken):
        user = preferred and User(preferred_language=preferred, user_type="patient", is_verified=True)
        answer = api.as_(user or None).get(f"/doors/nothing{query}", HTTP_ACCEPT_LANGUAGE=accepted)
        assert answer["Content-Language"] == spoken

    def test_caches_are_told(self, api):
        """T58."""
        for path in ("/doors", "/nowhere"):
            answer = api.get(path)
            assert {"Accept-Language", "Authorization"} <= set(re.split(r",\s*", answer["Vary"]))
            assert answer["Cache-Control"] == "private, no-cache"

    def test_one_request_leaves_no_language_to_the_next(self, api):
        api.get("/doors?lang=fr")
        assert api.get("/doors")["Content-Language"] == "en"


class TestSize:
    def test_a_large_body_is_413(self, api, patient, settings):
        body = b'{"name": "' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}'
        answer = api.as_(patient).post("/doors", body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
        assert answer["X-Request-ID"]

    @pytest.mark.parametrize("length", ["x", "-1", "1e3", "٣", "9" * 30])
    def test_a_length_that_is_none_is_400(self, api, patient, length):
        answer = api.as_(patient).post("/doors", {"name": "a"}, headers={"Content-Length": length})
        assert answer.status_code == 400

    def test_an_upload_may_be_larger(self, api, patient, settings):
        body = b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        kind = "multipart/form-data; boundary=x"
        assert api.as_(patient).generic("POST", "/doors", body, content_type=kind).status_code == 415
        settings.UPLOAD_MAX_BYTES = 100
        assert api.as_(patient).generic("POST", "/doors", body, content_type=kind).status_code == 413


def test_answers_tell_browsers_to_be_careful(api):
    answer = api.get("/doors")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("accepted", ["text/html", "application/pdf", "*/*", "application/xml;q=1", "nonsense"])
def test_accept_does_not_matter(api, accepted):
    answer = api.get("/doors", HTTP_ACCEPT=accepted)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


class TestOtherOrigins:
    """T69."""

    HOME = "https://app.medivoy.test"

    def preflight(self, api, origin):
        asking = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "idempotency-key, if-match",
        }
        return api.options("/doors", headers={"Origin": origin, **asking})

    def test_a_listed_one_may_ask_and_read_our_headers(self, api, settings):
        settings.CORS_ALLOWED_ORIGINS = [self.HOME]
        asked = self.preflight(api, self.HOME)
        assert asked.status_code == 200
        assert asked["Access-Control-Allow-Origin"] == self.HOME
        assert {"idempotency-key", "if-match"} <= set(asked["Access-Control-Allow-Headers"].split(", "))
        answer = api.get("/doors", headers={"Origin": self.HOME})
        assert {"ETag", "X-Request-ID", "Retry-After"} <= set(answer["Access-Control-Expose-Headers"].split(", "))

    def test_any_other_may_not(self, api, settings):
        settings.CORS_ALLOWED_ORIGINS = [self.HOME]
        for origin in ("https://evil.test", "null", "https://app.medivoy.test.evil.test"):
            assert "Access-Control-Allow-Origin" not in self.preflight(api, origin)
            assert "Access-Control-Allow-Origin" not in api.get("/doors", headers={"Origin": origin})


def test_head_is_get_without_a_body(api):
    head, get = api.head("/doors"), api.get("/doors")
    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"] == get["ETag"]


class TestHealth:
    """T67."""

    @pytest.fixture
    def redis_away(self, settings):
        settings.REDIS_URL = "redis://127.0.0.1:1/0"

    @pytest.mark.parametrize("path", ["/health", "/health/db", "/health/redis", "/health/services"])
    def test_all_is_well(self, api, path):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["data"]) == (200, {"status": "ok"})

    def test_an_admin_hears_more(self, api, admin, patient):
        assert set(api.as_(admin).get("/health/services").json()["data"]) == {"status", "database", "redis", "mongodb"}
        assert api.as_(patient).get("/health/services").json()["data"] == {"status": "ok"}

    def test_a_store_that_is_away_is_503(self, api, admin, redis_away):
        for path in ("/health/redis", "/health/services"):
            answer = api.get(path)
            assert answer.status_code == 503
            assert answer["Retry-After"]
            assert "details" not in answer.json()
        details = api.as_(admin).get("/health/services").json()["details"]
        assert (details["redis"]["status"], details["database"]["status"]) == ("away", "ok")
        assert api.get("/health").status_code == api.get("/health/db").status_code == 200

    def test_mongodb_away_is_given_up_before_a_probe_of_the_platform_does(self, settings):
        """T62: the driver alone would look for it for thirty seconds."""
        settings.MONGODB_URL = "mongodb://127.0.0.1:1/?directConnection=true"
        found = health.probe("mongodb")
        assert found["status"] == "away"
        assert found["milliseconds"] < 10_000

    def test_t67_nobody_makes_it_knock_as_often_as_they_ask(self, api, monkeypatch):
        knocks = []
        monkeypatch.setitem(health.STORES, "redis", lambda: knocks.append(1))
        for _n in range(20):
            assert api.get("/health/redis").status_code == 200
        assert len(knocks) == 1
        later = time.monotonic() + health.KEPT_SECONDS + 1
        monkeypatch.setattr(health.time, "monotonic", lambda: later)
        api.get("/health/redis")
        assert len(knocks) == 2

    def test_t67_many_at_once_are_one_knock(self, monkeypatch):
        knocks = []
        monkeypatch.setitem(health.STORES, "redis", lambda: (knocks.append(1), time.sleep(0.05)))
        contend(lambda n: health.findings.of("redis"))
        assert len(knocks) == 1

    def test_a_bad_token_gets_the_bare_answer(self, api):
        assert api.get("/health/db", HTTP_AUTHORIZATION="Bearer nonsense").json()["data"] == {"status": "ok"}


def test_an_unknown_address_is_not_found_whatever_the_method():
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/api/v1/nowhere", {}, content_type="application/json").status_code == 404


def test_t69_a_foreign_page_gets_no_leave_to_read(client):
    """T69."""
    answer = client.get("/api/v1/hospitals", HTTP_ORIGIN="https://evil.example")
    assert "Access-Control-Allow-Origin" not in answer.headers
