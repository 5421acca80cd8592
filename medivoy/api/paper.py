"""PDFs as answers: bytes without an envelope, in the patient's language unless the address names another."""

from django.http import HttpResponse
from rest_framework.request import Request

from apps.accounts.models import User
from medivoy.api.language import supported


def paper_language(request: Request, reader: User) -> str:
    """Return the language of a paper for `reader`: `?lang=`, else their own, else English."""
    return supported(request.query_params.get("lang", "")) or supported(reader.preferred_language) or "en"


def pdf_answer(content: bytes, name: str, language: str) -> HttpResponse:
    """Return a PDF to be shown or saved as `<name>.pdf`; `name` is a number of ours."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}.pdf"',
            "Content-Language": language,
            "Cache-Control": "private, no-store",
        },
    )
