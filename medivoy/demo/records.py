"""Real small files for the demo world's medical records."""

from functools import cache

from apps.clinical.models import RecordType
from medivoy.core.pdf.document import Document, Party


@cache
def scan(kind: str) -> bytes:
    """Return a page that says what it is: nobody's finding."""
    title = str(RecordType(kind).label)
    document = Document(language="en", title=title, number="DEMO", issuer=Party("Medivoy demo laboratory"))
    document.paragraph("An invented finding of an invented patient, for the demo world.")
    return document.render()
