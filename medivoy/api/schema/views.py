"""The schema itself, and two ways to read it. Scripts and styles come from this server, nothing from elsewhere."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from medivoy.api.envelope import to_json

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


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1."""
    urlconf: Any = getattr(request, "urlconf", None) or "medivoy.urls"
    response = HttpResponse(schema_bytes(urlconf), content_type="application/json")
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI."""
    return render(request, "api/docs.html", headers={"Content-Security-Policy": VIEWER_POLICY})


@require_safe
def redoc(request: HttpRequest) -> HttpResponse:
    """ReDoc."""
    return render(request, "api/redoc.html", headers={"Content-Security-Policy": VIEWER_POLICY})
