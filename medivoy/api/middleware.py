"""What surrounds every request: its id, its language, its size, and one shape for errors that no view has seen."""

import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from medivoy.api import language, logs
from medivoy.api.fallbacks import answer_bare, answer_error, under_api
from medivoy.api.limiter import address_of
from medivoy.core.context import request_scope

Next = Callable[[HttpRequest], HttpResponse]

SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
LENGTH = re.compile(r"[0-9]{1,18}")
UPLOAD = "multipart/form-data"


class RequestId:
    """Takes the client's `X-Request-ID` where it is sane, else makes one; every answer and log line carries it.

    Writes the one log line of the request when it is answered.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        sent = request.headers.get("X-Request-ID", "")
        identifier = sent if SANE_ID.fullmatch(sent) else uuid.uuid4().hex
        request.request_id = identifier
        agent = request.headers.get("User-Agent", "")
        with request_scope(identifier, ip=str(address_of(request) or "").partition("%")[0], user_agent=agent):
            response = self.get_response(request)
            logs.write_access(request, response, began)
        response["X-Request-ID"] = identifier
        return response


class BodyLimit:
    """Refuses a body that is too long, or of whose length nobody can be sure, before a byte of it is read.

    Without a Content-Length the server would hand over none of a chunked body, and an empty request is another one
    than was meant.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refused = self._refused_length(request)
        return answer_bare(request, refused) if refused else self.get_response(request)

    @staticmethod
    def _refused_length(request: HttpRequest) -> int:
        """Return 413 for a body that is too long, 400 for a length that is none, else 0."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not LENGTH.fullmatch(length) or "HTTP_TRANSFER_ENCODING" in request.META:
            return 400
        limit = settings.UPLOAD_MAX_BYTES if request.content_type == UPLOAD else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        return 413 if int(length) > limit else 0


class ApiSurroundings:
    """Under /api/: a trailing slash does not matter, language and caches are told apart."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not under_api(request):
            return self.get_response(request)
        if request.path_info.endswith("/"):
            request.path_info = request.path_info[:-1]
            request.path = request.path[:-1]
        with translation.override(language.of_request(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        patch_vary_headers(response, ["Accept-Language", "Authorization"])
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what a plain Django view raised."""
        return answer_error(request, error)
