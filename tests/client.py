"""The tests' way to the API: JSON in and out, `client.as_(user)` for whoever asks.

Every answer is held against the schema: a key, a status or a code that the operation does not promise fails the test.
"""

from typing import Any, Self

from django.conf import settings
from rest_framework.test import APIClient

from tests.contract.promises import contract_of


class ApiClient(APIClient):
    """Sends JSON, asks below /api/v1 where the path does not say otherwise."""

    default_format = "json"
    base = "/api/v1"

    def as_(self, user: Any) -> Self:
        """Return another client, signed in as `user`; as nobody for None."""
        client = type(self)(raise_request_exception=self.raise_request_exception)
        client.force_authenticate(user)
        return client

    def generic(self, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        path = path if path.startswith("/api") else self.base + path
        response = super().generic(method, path, *args, **kwargs)
        self.hold_against_the_schema(method, path, response)
        return response

    def hold_against_the_schema(self, method: str, path: str, response: Any) -> None:
        """Fail where the answer is not what the schema promises; it promises neither faults (500) nor 405."""
        if response.status_code in (405, 500) or method == "HEAD":
            return
        contract = contract_of(settings.ROOT_URLCONF)
        promise = contract and contract.promise_for(method, path)
        if promise:
            complaints = promise.complaints(response)
            assert not complaints, f"{promise.method} {path} ({promise.name}) against its schema: {complaints}"
