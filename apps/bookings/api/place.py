"""From where, and in which language, something was agreed."""

from django.utils.translation import get_language
from rest_framework.request import Request

from medivoy.api.limiter import address_of


def place_of(request: Request) -> dict[str, str | None]:
    """Return the asker's address (None where there is none to be read) and the language that they read."""
    address = address_of(request)
    return {"ip": str(address) if address else None, "language": get_language() or "en"}
