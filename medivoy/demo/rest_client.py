"""A small REST client of the standard library, for the commands that walk through a running platform."""

import json
import uuid
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

TIMEOUT_SECONDS = 20


class CallFailed(Exception):
    """An answer that was not expected: its status and its body."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status, self.body = status, body
        super().__init__(f"{status}: {body.decode(errors='replace')[:500]}")


class _StayHere(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class RestClient:
    """Talks JSON to one server as one person."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self.token = ""
        self._opener = build_opener(_StayHere)

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        """Sign in and keep the access token; return the user."""
        data = self.call("POST", "/auth/login", {"email": email, "password": password})
        self.token = data["access_token"]
        return data["user"]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call the API under /api/v1 and return `data` of its answer. Raises CallFailed."""
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        return json.loads(self.send(method, f"{self.base}/api/v1{path}", content, headers))["data"]

    def upload(self, path: str, fields: dict[str, str], name: str, content: bytes) -> Any:
        """POST a file with text fields as multipart/form-data and return `data` of the answer."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n".encode()
            + content
            + b"\r\n"
        )
        parts.append(f"--{boundary}--\r\n".encode())
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return json.loads(self.send("POST", f"{self.base}/api/v1{path}", b"".join(parts), headers))["data"]

    def post_form(self, address: str, **fields: str) -> None:
        """POST a form, as a browser does on the gateway's page."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.send("POST", address, urlencode(fields).encode(), headers)

    def get_bytes(self, path: str) -> bytes:
        """Return a document."""
        return self.send("GET", f"{self.base}/api/v1{path}", None, {})

    def send(self, method: str, address: str, content: bytes | None, headers: dict[str, str]) -> bytes:
        """Send one request; answers of 400 and above raise CallFailed, a redirect is an answer like any other."""
        if not address.startswith(("http://", "https://")):
            raise ValueError(f"not a web address: {address}")
        request = Request(address, data=content, method=method, headers={**headers, **self._bearer()})  # noqa: S310
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return bytes(answer.read())
        except HTTPError as error:
            if error.code < 400:
                return b""
            raise CallFailed(error.code, error.read()) from error

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}
