"""What every answer tells browsers, of whatever kind it is: JSON, a PDF, a static file, a page, an error, a refusal.

A policy is a text, and which one holds is told by the address alone, so that an unknown address, a refused host and the
page of a fault are covered as well. A view that needs more than the strict policy sets its own.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Next = Callable[[HttpRequest], HttpResponse]

ADMIN = "/admin/"
POLICY = "Content-Security-Policy"
# Nothing loads, runs, frames or is framed: for data, files and whatever no page is.
STRICT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Pages of our own without a script: error pages and the like.
PLAIN_PAGE = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# The console's library evaluates the expressions in its attributes and sets styles by hand; scripts come as files only.
CONSOLE = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), "
        "geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), "
        "publickey-credentials-get=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()"
    ),
}


def policy_of(request: HttpRequest) -> str:
    """Return the policy of an address."""
    return CONSOLE if request.path_info.startswith(ADMIN) else STRICT


class SecurityHeaders:
    """Stands outside of all that answers; what a view has set stays. HSTS is Django's own middleware's."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in EVERYWHERE.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault(POLICY, policy_of(request))
        return response
