"""OpenAPI 3.1 of the whole API, as the contract has it."""

from drf_spectacular.openapi import AutoSchema


class ContractSchema(AutoSchema):
    """Describes one operation."""
