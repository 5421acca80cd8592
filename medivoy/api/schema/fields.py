"""Tells drf-spectacular what our own fields and tokens are."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension

from medivoy.api.schema.components import Schema

OUT: Schema = {"type": "string", "pattern": r"^-?\d+(\.\d{1,3})?$", "examples": ["1200.00"]}
IN: Schema = {
    "anyOf": [{"type": "string", "pattern": r"^\d{1,15}(\.\d{1,3}0*)?$", "examples": ["1200.00"]}, {"type": "number"}]
}


class Amount(OpenApiSerializerFieldExtension):
    target_class = "medivoy.api.fields.AmountField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        return dict(OUT if direction == "response" else IN)


class Simple(OpenApiSerializerFieldExtension):
    """A field that is the same in both directions."""

    match_subclasses = True
    schema: Schema

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        return dict(self.schema)


class Instant(Simple):
    target_class = "medivoy.api.fields.InstantField"
    schema = {"type": "string", "format": "date-time"}


class Day(Simple):
    target_class = "medivoy.api.fields.DayField"
    schema = {"type": "string", "format": "date"}


class Reference(Simple):
    target_class = "medivoy.api.fields.ReferenceField"
    schema = {"type": "string", "format": "uuid"}


class Currency(Simple):
    target_class = "medivoy.api.fields.CurrencyField"
    schema = {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217.", "examples": ["USD"]}


class Country(Simple):
    target_class = "medivoy.api.fields.CountryField"
    schema = {"type": "string", "pattern": "^[A-Za-z]{2}$", "description": "ISO 3166 alpha-2.", "examples": ["IN"]}


class Timezone(Simple):
    target_class = "medivoy.api.fields.TimezoneField"
    schema = {"type": "string", "examples": ["Asia/Kolkata"], "description": "An IANA name."}


class Token(OpenApiAuthenticationExtension):
    target_class = "apps.accounts.api.authentication.TokenAuthentication"
    name = "access_token"

    def get_security_definition(self, auto_schema: Any) -> Schema:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
