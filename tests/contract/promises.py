"""The schema as a judge: does an answer say what its operation promises, and nothing else?"""

import logging
import re
from functools import cache
from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker

logger = logging.getLogger(__name__)

JSON, ANY_TYPE = "application/json", "*/*"


def strict(node: Any) -> Any:
    """Return the schema with every object closed that names its properties: what it does not name may not be there."""
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {key: strict(value) for key, value in node.items()}
    if node.get("type") == "object" and "properties" in node:
        closed.setdefault("additionalProperties", False)
    return closed


class Promise:
    """One operation of the schema."""

    def __init__(self, path: str, method: str, operation: dict[str, Any], components: dict[str, Any]) -> None:
        self.path, self.method, self.operation, self.components = path, method, operation, components
        self.name: str = operation["operationId"]
        # Where two routes fit, the one with fewer variables is meant.
        self.pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))
        self.variables = path.count("{")

    def fits(self, method: str, path: str) -> bool:
        return self.method == method and self.pattern.fullmatch(path) is not None

    @cache  # noqa: B019 - promises live as long as the process
    def validator(self, status: int, media_type: str) -> Draft202012Validator:
        schema = self.operation["responses"][str(status)]["content"][media_type]["schema"]
        whole = {"components": self.components, "allOf": [strict(schema)]}
        return Draft202012Validator(whole, format_checker=FormatChecker())

    def complaints(self, response: Any) -> list[str]:
        """Return what `response` says that was not promised; empty where all is well."""
        status, promised = response.status_code, self.operation["responses"]
        if str(status) not in promised:
            return [f"status {status} is not in the schema: {response.content[:300]!r}"]
        content = promised[str(status)].get("content", {})
        media_type = response.headers.get("Content-Type", "").partition(";")[0]
        if not content:
            return [] if not response.content else [f"{status} has a body"]
        if ANY_TYPE in content:
            return []
        if media_type not in content:
            return [f"{status} is {media_type}, promised is {', '.join(content)}"]
        if media_type != JSON:
            return []
        errors = self.validator(status, media_type).iter_errors(response.json())
        return [f"{status} {'.'.join(map(str, error.path))}: {error.message[:300]}" for error in errors]


class Contract:
    """The whole schema of a URLconf."""

    def __init__(self, urlconf: str) -> None:
        with translation.override("en"):
            self.document = SchemaGenerator(urlconf=urlconf).get_schema(request=None, public=True)
        components = strict(self.document["components"])
        self.promises = [
            Promise(path, method.upper(), operation, components)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        ]
        self.promises.sort(key=lambda promise: promise.variables)

    def promise_for(self, method: str, path: str) -> Promise | None:
        """Return the operation that a request is, None where there is no such route."""
        path = path.partition("?")[0].removesuffix("/")
        method = "GET" if method == "HEAD" else method
        return next((promise for promise in self.promises if promise.fits(method, path)), None)


@cache
def contract_of(urlconf: str) -> Contract | None:
    """Return the schema, or None where it cannot be made: that is one failure, of tests/contract, not everybody's."""
    try:
        return Contract(urlconf)
    except Exception:
        logger.exception("the schema of %s cannot be made", urlconf)
        return None
