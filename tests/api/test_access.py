"""The order in which a request is refused."""

import pytest
from django.urls import path

from apps.accounts import roles
from apps.hospitals.models import Treatment
from medivoy.api import checks
from medivoy.core.context import current_actor
from tests.api import door

pytestmark = pytest.mark.django_db

UNKNOWN = "0190a0a0-0000-7000-8000-000000000000"


def test_nobody_is_401_with_a_challenge(api):
    answer = api.post("/doors", {"name": 7})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "not_authenticated"


def test_a_wrong_token_is_401_on_a_public_address_too(api):
    answer = api.get("/doors", HTTP_AUTHORIZATION="Bearer nonsense")
    assert answer.status_code == 401


def test_a_role_that_may_not_is_403_before_the_body_is_read(api, translator):
    answer = api.as_(translator).post("/doors", b"{", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert Treatment.objects.count() == 0


def test_a_role_that_may_not_is_403_before_the_row_is_sought(api, patient, treatments):
    for pk in (treatments[0].pk, UNKNOWN):
        assert api.as_(patient).delete(f"/doors/{pk}").status_code == 403


def test_an_unproven_address_is_403_where_it_matters(api, patient, treatments):
    """T3."""
    patient.is_verified = False
    client = api.as_(patient)
    answer = client.post("/doors", b"{", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "email_not_verified")
    assert client.patch(f"/doors/{treatments[0].pk}", {"name": "b"}).status_code == 200


def test_a_role_comes_before_the_unproven_address(api, translator):
    translator.is_verified = False
    assert api.as_(translator).post("/doors", {"name": "a"}).json()["code"] == "permission_denied"


def test_a_deactivated_user_may_nothing(api, patient):
    patient.is_active = False
    assert api.as_(patient).post("/doors", {"name": "a"}).status_code == 403


def test_a_hidden_row_looks_like_none(api, patient, treatments):
    """T16: the same status, body and headers for another's id and for a random one."""
    hidden = treatments[0]
    Treatment.objects.filter(pk=hidden.pk).update(is_active=False)
    answers = [
        client.generic(method, f"/doors/{pk}", b"{", content_type="application/json")
        for client in (api, api.as_(patient))
        for method in ("GET", "PATCH")
        for pk in (hidden.pk, UNKNOWN, "nonsense", "%00", "1", "'", "%F0%9F%92%A9", "x" * 300)
        if not (client is api and method == "PATCH")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    volatile = {"X-Request-ID", "RateLimit-Remaining", "RateLimit-Reset", "Allow", "RateLimit-Limit"}
    assert (
        len({tuple(sorted((k, v) for k, v in answer.headers.items() if k not in volatile)) for answer in answers}) == 1
    )


def test_a_policy_is_403_before_the_body_is_judged(api, patient, treatments):
    Treatment.objects.filter(pk=treatments[0].pk).update(category="locked")
    answer = api.as_(patient).patch(f"/doors/{treatments[0].pk}", {"name": 7})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_writes_are_made_in_the_name_of_the_user(api, patient):
    seen = []
    door.before_answer.append(lambda request: seen.append(current_actor()))
    assert api.as_(patient).post("/doors", {"name": "a"}).status_code == 201
    assert seen == [patient]


def test_an_error_rolls_the_write_back(api, patient):
    def fail(request):
        raise ValueError("after the row was made")

    door.before_answer.append(fail)
    client = api.as_(patient)
    client.raise_request_exception = False
    assert client.post("/doors", {"name": "a"}).status_code == 500
    assert Treatment.objects.count() == 0


def test_an_operation_without_a_line_fails_the_check(monkeypatch):
    assert checks.every_operation_is_in_the_table(None) == []
    monkeypatch.delitem(roles.OPERATIONS, "door.create")
    errors = checks.every_operation_is_in_the_table(None)
    assert [error.id for error in errors] == ["api.E001"]
    assert "door.create" in errors[0].msg


def test_an_action_without_a_line_lets_nobody_in(api, admin, monkeypatch):
    unlisted = type("Unlisted", (door.DoorViewSet,), {"entity": "unlisted"})
    monkeypatch.setattr(door, "urlpatterns", [path("api/v1/unlisted", unlisted.as_view({"get": "list"}))])
    client = api.as_(admin)
    client.raise_request_exception = False
    assert client.get("/unlisted").status_code in (404, 500)
