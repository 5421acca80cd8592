"""The tests' way to the API: JSON in and out, `client.as_(user)` for whoever asks."""

from typing import Any, Self

from rest_framework.test import APIClient


class ApiClient(APIClient):
    """Sends JSON, asks below /api/v1 where the path does not say otherwise, and lets nobody sneak in by a cookie."""

    default_format = "json"
    base = "/api/v1"

    def as_(self, user: Any) -> Self:
        """Return another client, signed in as `user`; as nobody for None."""
        client = type(self)(raise_request_exception=self.raise_request_exception)
        client.force_authenticate(user)
        return client

    def generic(self, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        return super().generic(method, path if path.startswith("/api") else self.base + path, *args, **kwargs)
