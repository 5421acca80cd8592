"""OpenAPI 3.1 of one operation, read from what its viewset declares. DRF's DEFAULT_SCHEMA_CLASS."""

from importlib import import_module
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_doc

from apps.accounts import roles
from medivoy.api.schema import answers, parameters
from medivoy.api.schema.components import JSON, Schema

import_module("medivoy.api.schema.fields")

PLATFORM = "platform"
ADDRESSES = ("email", "uri")


class ContractSchema(AutoSchema):
    """Describes an operation as the contract has it: enveloped, with every refusal, parameter and header."""

    view: Any

    # --- names and words -----------------------------------------------------------------------------------------

    def get_operation_id(self) -> str:
        """Return the operation of roles.py, with an underscore for its dot."""
        return self.view.operation_of(self.view.action).replace(".", "_")

    def get_tags(self) -> list[str]:
        module = type(self.view).__module__.split(".")
        return [module[1] if module[0] == "apps" else PLATFORM]

    def _words(self) -> tuple[str, str]:
        """Return the docstring's first sentence, and all the rest."""
        doc = get_doc(getattr(self.view, self.view.action))
        first, _blank, rest = doc.partition("\n\n")
        title, stop, more = " ".join(first.split()).partition(". ")
        return title + stop.strip(), f"{more}\n\n{rest}".strip()

    def get_summary(self) -> str:
        return self._words()[0]

    def get_description(self) -> str:
        who = roles.OPERATIONS[self.view.operation_of(self.view.action)]
        return f"{self._words()[1]}\n\nWho: `{who}`".strip()

    # --- what comes in -------------------------------------------------------------------------------------------

    def get_request_serializer(self) -> Any:
        return self.view.serializers.get(self.view.action)

    def _has_body(self) -> bool:
        return self.method in answers.WRITING and self.view.action in self.view.serializers

    def _get_request_body(self, direction: str = "request") -> Any:
        """A DELETE that asks for proof has its body, too."""
        if self.method != "DELETE" or not self._has_body():
            return super()._get_request_body(direction)
        schema, required = self._get_request_for_media_type(self.get_request_serializer(), direction)
        return {"content": {JSON: {"schema": schema}}, "required": required}

    def _get_parameters(self) -> list[Schema]:
        tagged = self._is_tagged()
        found = parameters.of_path(self.view, self.path, self.path_regex)
        query = self.view.queries.get(self.view.action)
        if query is not None:
            found += self._query_parameters(query)
        if self.view.lists:
            found += parameters.of_filters(self.view)
        return found + parameters.of_headers(self.view, self.method, tagged=tagged)

    def _query_parameters(self, serializer: Any) -> list[Schema]:
        mapped = self._map_serializer(serializer(), "request")
        required = mapped.get("required", [])
        return [
            {"name": name, "in": "query", "required": name in required, "schema": schema}
            for name, schema in mapped["properties"].items()
        ]

    def get_auth(self) -> list[Schema]:
        auth = super().get_auth()
        return [*auth, {}] if roles.is_public(self.view.operation_of(self.view.action)) else auth

    # --- what goes out -------------------------------------------------------------------------------------------

    def _is_list_view(self, serializer: Any = None) -> bool:
        return self.view.lists

    def _is_tagged(self) -> bool:
        """Whether the answer has an ETag: one object, or a public list."""
        if self.method != "GET":
            return False
        if self.view.lists:
            return roles.is_public(self.view.operation_of(self.view.action))
        return self.view.action == "retrieve"

    def get_response_serializers(self) -> Any:
        """Return the serializer of `data`, a File, or None where `data` is null."""
        action, view = self.view.action, self.view
        if action in view.answers:
            return view.answers[action]
        return None if action == "destroy" else view.serializer_class

    def _get_response_bodies(self, direction: str = "response") -> Schema:
        has_body = self._has_body()
        bodies = {
            str(status): answers.failure(status, codes)
            for status, codes in answers.refusals(self.view, self.method, self.path, has_body=has_body).items()
        }
        for status in self.view.statuses_of(self.view.action):
            bodies[str(status)] = self._success(status)
        if self._is_tagged():
            bodies["304"] = {"description": "What you have is current."}
        return dict(sorted(bodies.items()))

    def _map_serializer_field(self, field: Any, direction: str, bypass_extensions: bool = False) -> Any:
        """An answer's text that may be empty is not promised to be an address."""
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        if direction == "response" and getattr(field, "allow_blank", False) and schema.get("format") in ADDRESSES:
            return {key: value for key, value in schema.items() if key != "format"}
        return schema

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Schema:
        """A serializer may say what some readers do not get: `may_be_absent` names those fields."""
        schema = super()._map_basic_serializer(serializer, direction)
        absent = getattr(serializer, "may_be_absent", ())
        if "required" in schema:
            schema["required"] = [name for name in schema["required"] if name not in absent]
        return schema

    def _success(self, status: int) -> Schema:
        serializer = self.get_response_serializers()
        if isinstance(serializer, answers.File):
            return answers.file_answer(status, serializer, self.view)
        data: Schema = {"type": "null"}
        if serializer is not None:
            data = self.resolve_serializer(serializer, "response").ref
        if self.view.lists:
            data = {"type": "array", "items": data}
        schema = answers.envelope(data, dict(self.view.extra_meta) if self.view.lists else None)
        return answers.success(status, schema, self.view, tagged=self._is_tagged())
