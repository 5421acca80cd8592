"""The schema itself, and two ways to read it. Scripts and styles come from this server, nothing from elsewhere."""

from collections.abc import Callable
from functools import cache, wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator

from medivoy.api.envelope import to_json
from medivoy.api.fallbacks import answer_status

# The viewers write styles into the page and start a worker from a blob; scripts come as files only.
VIEWER_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


@cache
def schema_bytes(urlconf: str) -> bytes:
    """Return the schema as JSON; it is the same for everyone and changes only with the code."""
    with translation.override("en"):
        return to_json(SchemaGenerator(urlconf=urlconf).get_schema(request=None, public=True))


def only_reading(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 405 in the contract's shape to anything but GET and HEAD."""

    @wraps(view)
    def read(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            response = answer_status(405)
            response["Allow"] = "GET, HEAD"
            return response
        return view(request)

    return read


@only_reading
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1."""
    response = HttpResponse(schema_bytes("medivoy.urls"), content_type="application/json")
    response["Cache-Control"] = "public, max-age=300"
    return response


@only_reading
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI."""
    return viewer(request, "api/docs.html")


@only_reading
def redoc(request: HttpRequest) -> HttpResponse:
    """ReDoc."""
    return viewer(request, "api/redoc.html")


def viewer(request: HttpRequest, template: str) -> HttpResponse:
    response = render(request, template)
    response["Content-Security-Policy"] = VIEWER_POLICY
    return response
