"""The schema names every operation, every answer and nothing else. (Each response of every test is held against it.)"""

import json
import re

import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator

from tests.contract.promises import JSON, Contract, strict
from tests.contract.routes import operations

# One process makes the schema for all of them.
pytestmark = pytest.mark.xdist_group("schema")

OPERATIONS = operations()


@pytest.fixture(scope="module")
def contract():
    return Contract("medivoy.urls")


@pytest.fixture(scope="module")
def promised(contract):
    return {promise.name: promise for promise in contract.promises}


def test_it_is_valid_and_made_without_a_warning(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))
    assert (tmp_path / "schema.yml").read_text().startswith("openapi: 3.1")


def test_it_has_every_route_and_no_other(contract):
    routes = {(operation.method, re.sub(r"{\w+}", "{}", operation.path)) for operation in OPERATIONS}
    found = {(promise.method, re.sub(r"{\w+}", "{}", promise.path)) for promise in contract.promises}
    assert found == routes


def test_names_are_unique(contract):
    assert len({promise.name for promise in contract.promises}) == len(contract.promises)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_an_operation_is_described_whole(operation, promised):
    found = promised[operation.name.replace(".", "_")].operation
    assert found["summary"], "its docstring is its title"
    assert "Who: `" in found["description"]
    assert found["tags"]
    assert {status for status in found["responses"] if status[0] in "23"} - {"304"}
    assert "503" in found["responses"]
    assert {p["name"] for p in found["parameters"] if p.get("in") == "path"} == set(
        re.findall(r"{(\w+)}", promised[operation.name.replace(".", "_")].path)
    )
    assert {"$ref": "#/components/parameters/lang"} in found["parameters"]
    has_body = operation.action in operation.view.serializers and operation.method in ("POST", "PUT", "PATCH", "DELETE")
    assert ("requestBody" in found) == has_body
    if has_body:
        assert {"413", "415"} <= set(found["responses"])
    for status, response in found["responses"].items():
        assert response["description"]
        assert status == "304" or "X-Request-ID" in response["headers"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_its_examples_are_what_it_promises(operation, promised):
    promise = promised[operation.name.replace(".", "_")]
    for status, response in promise.operation["responses"].items():
        content = response.get("content", {}).get(JSON, {})
        if not content:
            continue
        examples = content.get("examples") or {"": {"value": content["example"]}}
        for example in examples.values():
            promise.validator(int(status), JSON).validate(example["value"])


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.action in o.view.serializers], ids=str)
def test_its_body_has_an_example_that_is_allowed(operation, promised, contract):
    body = promised[operation.name.replace(".", "_")].operation.get("requestBody", {"content": {}})
    content = body["content"].get(JSON)
    if content is not None:
        whole = {"components": contract.document["components"], "allOf": [content["schema"]]}
        Draft202012Validator(whole).validate(content["example"])
        assert content["example"] != {}


def test_components_are_schemas(contract):
    for schema in contract.document["components"]["schemas"].values():
        Draft202012Validator.check_schema(strict(schema))


class TestServed:
    def test_the_schema_is_served_as_json(self, client):
        answer = client.get("/api/schema")
        assert answer.status_code == 200
        document = json.loads(answer.content)
        assert document["openapi"].startswith("3.1")
        assert len(document["paths"]) == len({operation.path for operation in OPERATIONS})

    @pytest.mark.parametrize("path", ["/api/docs", "/api/redoc"])
    def test_its_readers_fetch_nothing_from_elsewhere(self, client, path):
        answer = client.get(path)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "//" not in re.sub(r"<!doctype[^>]*>", "", page)
        assert "<script>" not in page
        assert "script-src 'self';" in answer["Content-Security-Policy"]

    def test_only_reading(self, client):
        answer = client.post("/api/schema")
        assert (answer.status_code, answer.json()["code"], answer["Allow"]) == (405, "method_not_allowed", "GET, HEAD")
