from apps.bookings.models.booking import Booking, BookingType
from apps.bookings.models.document import WantedDocument, WantedState
from apps.bookings.models.event import BookingEvent, EventKind, Visibility
from apps.bookings.models.milestone import Adjustment, AdjustmentKind, Milestone, MilestoneState
from apps.bookings.models.policy import CancellationPolicy, CancellationTier
from apps.bookings.models.quotation import LineKind, Quotation, QuotationAcceptance, QuotationLine
from apps.bookings.models.review import Review
from apps.bookings.models.travel import ItemStatus, TravelPlan, VisaStatus

__all__ = [
    "Adjustment",
    "AdjustmentKind",
    "Booking",
    "BookingEvent",
    "BookingType",
    "CancellationPolicy",
    "CancellationTier",
    "EventKind",
    "ItemStatus",
    "LineKind",
    "Milestone",
    "MilestoneState",
    "Quotation",
    "QuotationAcceptance",
    "QuotationLine",
    "Review",
    "TravelPlan",
    "VisaStatus",
    "Visibility",
    "WantedDocument",
    "WantedState",
]
