"""Every failure has the contract's shape, status and headers."""

import logging

import psycopg.errors
import pytest
import redis
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    ValidationError,
)
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions as drf

from medivoy.api import fallbacks
from medivoy.api.exceptions import flatten
from medivoy.core import errors as domain
from tests.api import door

pytestmark = pytest.mark.django_db


def refused_by(cause):
    error = IntegrityError("constraint")
    error.__cause__ = cause
    return error


EXPECTED = [
    (domain.InvalidInput({"name": ["Too long."]}), 400, "validation_error"),
    (domain.InvalidInput(code="amount_not_due"), 400, "amount_not_due"),
    (domain.NotSignedIn(code="invalid_credentials"), 401, "invalid_credentials"),
    (domain.Refused(), 403, "permission_denied"),
    (domain.Missing(), 404, "not_found"),
    (domain.Conflict(code="slot_taken"), 409, "slot_taken"),
    (domain.IllegalMove(current="requested", allowed=["cancelled"]), 409, "illegal_transition"),
    (domain.StaleStatus(), 409, "stale_status"),
    (domain.GuardFailed("Payment is missing.", code="deposit_missing"), 409, "deposit_missing"),
    (domain.StaleVersion(), 412, "version_mismatch"),
    (domain.Unavailable(retry_after=7), 503, "unavailable"),
    (drf.ValidationError({"name": ["Too long."]}), 400, "validation_error"),
    (drf.ParseError(code="malformed_json"), 400, "malformed_json"),
    (drf.NotAuthenticated(), 401, "not_authenticated"),
    (drf.AuthenticationFailed(code="token_expired"), 401, "token_expired"),
    (drf.AuthenticationFailed(), 401, "authentication_failed"),
    (drf.PermissionDenied(code="email_not_verified"), 403, "email_not_verified"),
    (drf.NotFound(), 404, "not_found"),
    (drf.MethodNotAllowed("GET"), 405, "method_not_allowed"),
    (drf.NotAcceptable(), 400, "bad_request"),
    (drf.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
    (drf.Throttled(wait=3), 429, "rate_limited"),
    (Http404(), 404, "not_found"),
    (PermissionDenied(), 403, "permission_denied"),
    (ValidationError({"name": ["Too long."]}), 400, "validation_error"),
    (ValidationError("Not so."), 400, "validation_error"),
    (RequestDataTooBig(), 413, "payload_too_large"),
    (TooManyFieldsSent(), 400, "bad_request"),
    (SuspiciousOperation(), 400, "bad_request"),
    (refused_by(psycopg.errors.UniqueViolation()), 409, "conflict"),
    (refused_by(psycopg.errors.ExclusionViolation()), 409, "conflict"),
    (refused_by(psycopg.errors.ForeignKeyViolation()), 409, "conflict"),
    (refused_by(psycopg.errors.CheckViolation()), 400, "bad_request"),
    (DataError("NUL"), 400, "validation_error"),
    (OperationalError("gone"), 503, "unavailable"),
    (InterfaceError("gone"), 503, "unavailable"),
    (redis.exceptions.ConnectionError("gone"), 503, "unavailable"),
]


@pytest.mark.parametrize(
    ("error", "status", "code"), EXPECTED, ids=lambda value: getattr(value, "code", None) or repr(value)[:40]
)
@pytest.mark.parametrize("path", ["/doors/raising", "/plain"])
def test_each_error_has_its_status_and_code(api, path, error, status, code):
    door.to_raise.append(error)
    answer = api.get(path)
    body = answer.json()
    assert answer.status_code == status
    assert body["success"] is False
    assert body["code"] == code
    assert body["message"]
    assert set(body) <= {"success", "message", "code", "errors", "details"}
    assert ("WWW-Authenticate" in answer) == (status == 401)
    assert ("Retry-After" in answer) == (status in (429, 503))


def test_a_fault_of_ours_is_logged_and_says_nothing(api, caplog):
    """T69: no trace, no words of the error in the answer; the log has both, with the request's id."""
    api.raise_request_exception = False
    door.to_raise.append(RuntimeError("canary-4711"))
    for path in ("/doors/raising", "/plain"):
        with caplog.at_level(logging.ERROR):
            answer = api.get(path)
        assert answer.status_code == 500
        assert answer.json()["code"] == "server_error"
        assert b"canary" not in answer.content
        assert "canary-4711" in caplog.text


def test_the_test_client_hears_of_a_fault(api):
    door.to_raise.append(RuntimeError("canary"))
    with pytest.raises(RuntimeError, match="canary"):
        api.get("/doors/raising")


def test_an_illegal_move_names_the_legal_ones(api):
    door.to_raise.append(domain.IllegalMove(current="requested", allowed=["cancelled"]))
    assert api.get("/doors/raising").json()["details"] == {"current": "requested", "allowed": ["cancelled"]}


def test_an_error_without_errors_has_no_such_key(api):
    door.to_raise.append(domain.Refused())
    assert set(api.get("/doors/raising").json()) == {"success", "message", "code"}


def test_the_message_is_translated_and_the_code_is_not(api):
    english = api.get("/nowhere").json()
    french = api.get("/nowhere?lang=fr").json()
    assert english["code"] == french["code"] == "not_found"
    assert english["message"] != french["message"]


@pytest.mark.parametrize("path", ["/nowhere", "/api", "/api/", "/api/v2/hospitals", "/doors/1/2/3"])
@pytest.mark.parametrize("debug", [True, False])
def test_an_unknown_address_gets_the_envelope(api, settings, path, debug):
    settings.DEBUG = debug
    answer = api.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_a_host_that_is_not_ours_gets_the_envelope(api):
    answer = api.get("/doors", headers={"Host": "evil.test"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert answer["X-Request-ID"]


def test_addresses_outside_of_the_api_get_djangos_pages(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("fallback", "status"),
    [
        (lambda request: fallbacks.bad_request(request, ValueError()), 400),
        (lambda request: fallbacks.permission_denied(request, ValueError()), 403),
        (lambda request: fallbacks.page_not_found(request, Http404()), 404),
        (fallbacks.server_error, 500),
    ],
)
def test_djangos_last_resorts_keep_the_shape(rf, fallback, status):
    inside, outside = fallback(rf.get("/api/v1/x")), fallback(rf.get("/x"))
    assert (inside.status_code, outside.status_code) == (status, status)
    assert inside["Content-Type"] == "application/json"
    assert outside["Content-Type"].startswith("text/html")


def test_nested_complaints_become_paths():
    nested = {
        "line_items": [{}, {"quantity": ["Too few."]}],
        "__all__": ["Not so."],
        "range": {"non_field_errors": ["Upside down."]},
    }
    assert flatten(nested) == {
        "line_items.1.quantity": ["Too few."],
        "non_field_errors": ["Not so."],
        "range": ["Upside down."],
    }


def test_wrong_methods_are_405_with_allow(api):
    for method in ("put", "delete", "options", "trace"):
        answer = getattr(api, method)("/doors")
        assert answer.status_code == 405
        assert answer.json()["code"] == "method_not_allowed"
        assert set(answer["Allow"].split(", ")) == {"GET", "POST", "HEAD"}
