"""Answers for what never reached a view: unknown addresses, refused hosts, faults outside of DRF.

Under /api/ they have the contract's shape; elsewhere they are Django's own pages.
"""

import logging
from typing import Any

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from medivoy.api.envelope import to_json
from medivoy.api.exceptions import Failure, read

logger = logging.getLogger(__name__)


def answer(failure: Failure) -> HttpResponse:
    return HttpResponse(
        to_json(failure.body()), status=failure.status, content_type="application/json", headers=failure.headers
    )


def answer_status(status: int) -> HttpResponse:
    """Return the contract's failure for a bare status."""
    return answer(Failure(status))


def answer_error(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the answer to an exception that a plain Django view raised."""
    failure = read(error)
    if failure is None:
        logger.error("unhandled error", exc_info=error)
        got_request_exception.send(sender=None, request=request)
        failure = Failure(500)
    return answer(failure)


@csrf_exempt
def unknown_address(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """The last route under /api/: 404 with DEBUG on or off."""
    return answer_status(404)


def _under_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer_status(400) if _under_api(request) else defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer_status(403) if _under_api(request) else defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer_status(404) if _under_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return answer_status(500) if _under_api(request) else defaults.server_error(request)
