"""In which language to answer: `?lang=`, else the signed-in user's own, else `Accept-Language`, else English."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header


def supported(code: str) -> str | None:
    """Return the language of ours that `code` names (`ar-EG` is `ar`), or None."""
    base = code.strip().lower().replace("_", "-").partition("-")[0]
    return base if base in dict(settings.LANGUAGES) else None


def of_request(request: HttpRequest) -> str:
    """Return the language that the request itself asks for."""
    asked = supported(request.GET.get("lang", ""))
    if asked:
        return asked
    for code, _quality in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")[:500].lower()):
        if supported(code):
            return supported(code) or settings.LANGUAGE_CODE
    return settings.LANGUAGE_CODE


def speak_to(request: Any) -> None:
    """Now that it is known who asks, speak their language, unless the address names another."""
    if request.user.is_authenticated and not supported(request.query_params.get("lang", "")):
        translation.activate(supported(request.user.preferred_language) or translation.get_language())
