"""Which documents a treatment usually needs before a quotation, as data, by the treatment's category."""

from apps.bookings.models import Booking
from apps.clinical.models import RecordType as R

DEFAULT = (R.LAB_REPORT, R.OTHER)

BY_CATEGORY: dict[str, tuple[R, ...]] = {
    "orthopaedics": (R.XRAY, R.MRI, R.LAB_REPORT),
    "cardiology": (R.CT_SCAN, R.LAB_REPORT, R.DISCHARGE_SUMMARY),
    "oncology": (R.CT_SCAN, R.MRI, R.LAB_REPORT, R.DISCHARGE_SUMMARY),
    "neurology": (R.MRI, R.CT_SCAN, R.LAB_REPORT),
    "spine": (R.MRI, R.XRAY, R.LAB_REPORT),
    "transplant": (R.LAB_REPORT, R.CT_SCAN, R.DISCHARGE_SUMMARY),
    "urology": (R.CT_SCAN, R.LAB_REPORT),
    "gynaecology": (R.LAB_REPORT, R.MRI),
    "fertility": (R.LAB_REPORT, R.OTHER),
    "ophthalmology": (R.OTHER, R.PRESCRIPTION),
    "dental": (R.XRAY,),
}


def usual_documents(booking: Booking) -> tuple[R, ...]:
    """Return the record types that a case of this treatment usually asks for."""
    category = booking.treatment.category if booking.treatment else ""
    return BY_CATEGORY.get(category.lower(), DEFAULT)
