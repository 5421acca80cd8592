"""Answers for what never reached a view: unknown addresses, refused hosts, faults outside of DRF.

Under /api/ they have the contract's shape; elsewhere they are plain pages that say what to do, and nothing of us.
"""

import logging
from typing import Any

from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from medivoy.api.envelope import to_json
from medivoy.api.exceptions import RETRY_AFTER_SECONDS, Failure, read
from medivoy.api.headers import PLAIN_PAGE, POLICY

logger = logging.getLogger(__name__)

# Status → what a page says: a title, and what to do.
PAGES = {
    400: (_("This request could not be read"), _("Go back, load the page again and try once more.")),
    403: (_("You may not open this page"), _("Sign in with an account that may, or ask an administrator.")),
    404: (_("There is nothing at this address"), _("Check the address, or go back to where you came from.")),
    413: (_("This is too large"), _("Send less at once, or a smaller file.")),
    500: (_("Something went wrong on our side"), _("Try again in a moment. If it happens again, report this number.")),
    503: (_("This is not available right now"), _("Nothing is lost. Try again in a moment.")),
}
STALE_FORM = (
    _("This form is too old"),
    _("Go back, load the page again and send the form once more. Your browser must accept cookies."),
)


def answer(failure: Failure) -> HttpResponse:
    headers = {"Cache-Control": "private, no-cache", **failure.headers}
    return HttpResponse(
        to_json(failure.body()), status=failure.status, content_type="application/json", headers=headers
    )


def answer_status(status: int) -> HttpResponse:
    """Return the contract's failure for a bare status."""
    return answer(Failure(status))


def show_page(request: HttpRequest, status: int, words: tuple[Any, Any] | None = None) -> HttpResponse:
    """Return a page for a person, in their browser's language: what went wrong, what to do, the request's number.

    It asks no database and no session: it is shown where they are away, too.
    """
    title, advice = words or PAGES[status]
    language = translation.get_language_from_request(request)
    with translation.override(language):
        page = {
            "title": title,
            "advice": advice,
            "language": language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "request_id": getattr(request, "request_id", ""),
        }
        content = render_to_string("errors/page.html", page)
    return HttpResponse(content, status=status, headers={POLICY: PLAIN_PAGE, "Cache-Control": "no-store"})


def answer_bare(request: HttpRequest, status: int) -> HttpResponse:
    """Return the answer to a bare status, for programs or for people."""
    return answer_status(status) if under_api(request) else show_page(request, status)


def answer_error(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """Return the answer to what a view raised that is not DRF's; None where Django's handlers below have it."""
    if under_api(request):
        return answer(_failure_of(request, error))
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    logger.error("a store is away: %s", type(error).__name__, exc_info=error)
    response = show_page(request, 503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _failure_of(request: HttpRequest, error: Exception) -> Failure:
    failure = read(error)
    if failure is None:
        logger.error("unhandled error", exc_info=error)
        got_request_exception.send(sender=None, request=request)
        failure = Failure(500)
    return failure


@csrf_exempt
def unknown_address(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """The last route under /api/: 404 with DEBUG on or off."""
    return answer_status(404)


def under_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer_bare(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer_bare(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer_bare(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return answer_bare(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the token of its page: settings.CSRF_FAILURE_VIEW."""
    return answer_status(403) if under_api(request) else show_page(request, 403, STALE_FORM)
