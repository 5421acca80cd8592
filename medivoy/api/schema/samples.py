"""An example for every body and every answer, made from its own schema: it can never say what the schema does not."""

import re
from typing import Any

from medivoy.api.schema.components import JSON, Schema

BY_FORMAT = {
    "uuid": "01a203e5-459f-7016-a21b-e5e85e7ed13c",
    "date": "2027-03-01",
    "date-time": "2027-03-01T09:30:00Z",
    "email": "someone@example.org",
    "uri": "https://example.org/",
    "decimal": "12.50",
}
# What patterns mostly ask for.
CODES = ("AB12", "ABC", "abc", "12")
DEEPEST = 8


class Sampler:
    """Makes examples from the schemas of one document."""

    def __init__(self, document: Schema) -> None:
        self.components = document.get("components", {}).get("schemas", {})

    def sample(self, schema: Schema, depth: int = 0) -> Any:
        """Return a value that the schema allows: the first of what there is to choose from."""
        schema = self._resolve(schema)
        for key in ("example", "const", "default"):
            if key in schema:
                return schema[key]
        for key in ("examples", "enum"):
            if schema.get(key):
                return schema[key][0]
        for key in ("oneOf", "anyOf"):
            if key in schema:
                return self.sample(schema[key][0], depth)
        return self._by_type(schema, depth)

    def _resolve(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self.components[schema["$ref"].rpartition("/")[2]]
        if "allOf" in schema:
            merged: Schema = {key: value for key, value in schema.items() if key != "allOf"}
            for part in schema["allOf"]:
                merged = self._resolve(part) | merged
            return merged
        return schema

    def _by_type(self, schema: Schema, depth: int) -> Any:
        kind = schema.get("type", "object")
        kind = kind[0] if isinstance(kind, list) else kind
        match kind:
            case "object":
                properties = schema.get("properties", {}) if depth < DEEPEST else {}
                return {name: self.sample(part, depth + 1) for name, part in properties.items()}
            case "array":
                return [self.sample(schema["items"], depth + 1)] if schema.get("items") and depth < DEEPEST else []
            case "string":
                return self._text(schema)
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return True
            case _:
                return None

    @staticmethod
    def _text(schema: Schema) -> str:
        pattern = re.compile(schema.get("pattern", ""))
        wanted = BY_FORMAT.get(schema.get("format", ""), "Text")
        text = next((text for text in (wanted, *CODES) if pattern.search(text)), wanted)
        longest = schema.get("maxLength", len(text))
        return text[:longest].ljust(schema.get("minLength", 0), "x")


def add_samples(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """Give an example to each JSON body and answer that has none: a hook that drf-spectacular runs at the end."""
    sampler = Sampler(result)
    for methods in result["paths"].values():
        for operation in methods.values():
            for part in (operation.get("requestBody", {}), *operation["responses"].values()):
                content = part.get("content", {}).get(JSON)
                if content is not None and "examples" not in content:
                    content["example"] = sampler.sample(content["schema"])
    return result
