"""Real small files for the demo world's medical records."""

import hashlib
from functools import cache

from django.core.files.base import ContentFile

from apps.clinical.models import MedicalRecord, Patient, RecordType
from medivoy.core import clock
from medivoy.core.pdf.document import Document, Party


@cache
def scan(kind: str) -> bytes:
    """Return a page that says what it is: nobody's finding."""
    document = Document(
        language="en", title=str(RecordType(kind).label), number="DEMO", issuer=Party("Medivoy demo laboratory")
    )
    document.paragraph("An invented finding of an invented patient, for the demo world.")
    return document.render()


def upload_scan(patient: Patient, kind: str) -> MedicalRecord:
    content = scan(kind)
    return MedicalRecord.objects.create(
        patient=patient,
        record_type=kind,
        title=str(RecordType(kind).label),
        file=ContentFile(content, name="scan.pdf"),
        file_size=len(content),
        file_type="application/pdf",
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by_user=patient.user,
        record_date=clock.today(),
        is_shared_with_doctors=True,
    )
