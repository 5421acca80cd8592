"""A small REST client of the standard library, for the command that walks through a running platform."""

import json
import uuid
from http.client import HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

TIMEOUT_SECONDS = 20


class CallFailed(Exception):
    """An answer that was not expected: what was asked, and what came back."""

    def __init__(self, asked: str, answer: HTTPError) -> None:
        self.status = answer.code
        body = answer.read().decode(errors="replace")[:1000]
        request_id = answer.headers.get("X-Request-ID", "none")
        super().__init__(f"{asked} was answered {self.status} (request id {request_id}): {body}")


class _StayHere(HTTPRedirectHandler):
    """A redirect is an answer like any other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class RestClient:
    """Talks to one server as one person."""

    def __init__(self, base: str) -> None:
        if not base.startswith(("http://", "https://")):
            raise ValueError(f"{base} is not a web address")
        self.base = base.rstrip("/")
        self.token = ""
        self._opener: OpenerDirector = build_opener(_StayHere)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in and keep the access token. Raises CallFailed."""
        self.token = self.call("POST", "/auth/login", {"email": email, "password": password})["access_token"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call the API under /api/v1 with JSON and return `data` of its answer. Raises CallFailed."""
        headers = {} if body is None else {"Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        return json.loads(self._send(method, self._address(path), content, headers))["data"]

    def upload(self, path: str, fields: dict[str, str], name: str, content: bytes) -> Any:
        """POST a PDF with text fields as multipart/form-data and return `data` of the answer. Raises CallFailed."""
        boundary = uuid.uuid4().hex
        start = f"--{boundary}\r\nContent-Disposition: form-data; name="
        texts = "".join(f'{start}"{key}"\r\n\r\n{value}\r\n' for key, value in fields.items())
        file = f'{start}"file"; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n'
        body = f"{texts}{file}".encode() + content + f"\r\n--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return json.loads(self._send("POST", self._address(path), body, headers))["data"]

    def post_form(self, address: str, **fields: str) -> None:
        """POST a form to any address, as a browser does on the gateway's page. Raises CallFailed."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._send("POST", address, urlencode(fields).encode(), headers)

    def get_bytes(self, path: str) -> bytes:
        """Return a document. Raises CallFailed."""
        return self._send("GET", self._address(path), None, {})

    def _address(self, path: str) -> str:
        return f"{self.base}/api/v1{path}"

    def _send(self, method: str, address: str, content: bytes | None, headers: dict[str, str]) -> bytes:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token and address.startswith(self.base) else {}
        request = Request(address, data=content, method=method, headers=headers | bearer)  # noqa: S310 - http(s), see above
        answer: HTTPResponse
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return answer.read()
        except HTTPError as error:
            if error.code < 400:
                return b""
            raise CallFailed(f"{method} {address}", error) from None
