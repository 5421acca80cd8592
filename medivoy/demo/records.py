"""Real small files for the demo world's medical records."""

import hashlib

from django.core.files.base import ContentFile

from apps.bookings.models import Booking
from apps.clinical.models import MedicalRecord, Patient
from medivoy.core import clock
from medivoy.core.pdf.document import Document, Party

TITLES = {"mri": "MRI", "lab_report": "Blood count", "xray": "X-ray", "ct_scan": "CT scan"}


def upload_scan(patient: Patient, kind: str, booking: Booking) -> MedicalRecord:
    """Keep a small PDF as a record of the patient, shared with the booking's hospital."""
    document = Document(
        language="en",
        title=TITLES.get(kind, "Letter"),
        number=booking.booking_number,
        issuer=Party("Medivoy demo laboratory"),
    )
    document.paragraph("An invented finding of an invented patient, for the demo world.")
    content = document.render()
    return MedicalRecord.objects.create(
        patient=patient,
        booking=booking,
        record_type=kind,
        title=TITLES.get(kind, "Letter"),
        file=ContentFile(content, name="scan.pdf"),
        file_size=len(content),
        file_type="application/pdf",
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by_user=patient.user,
        record_date=clock.today(),
        is_shared_with_doctors=True,
    )
