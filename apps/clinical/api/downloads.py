"""How a private file leaves: as a download that no browser runs (T49)."""

from django.http import FileResponse
from django.utils.text import get_valid_filename, slugify

from apps.clinical.models import MedicalRecord
from apps.clinical.uploads.judge import extension_of
from medivoy.core.errors import Missing

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def private_file(record: MedicalRecord) -> FileResponse:
    """Return the file as a response. Raises Missing where the storage has lost it."""
    try:
        content = record.file.open("rb")
    except FileNotFoundError as error:
        raise Missing from error
    response = FileResponse(content, as_attachment=True, filename=name_of(record), content_type=record.file_type)
    response["Content-Length"] = str(record.file_size)
    return sealed(response)


def sealed(response: FileResponse) -> FileResponse:
    """Return the response so that nothing runs what is in it, and nothing on the way keeps it."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


def name_of(record: MedicalRecord) -> str:
    """Return what the download is called: by its title as far as that makes a name, its type always."""
    title = slugify(record.title, allow_unicode=True)[:80] or record.record_type
    return get_valid_filename(f"{title}.{extension_of(record.file_type)}")
