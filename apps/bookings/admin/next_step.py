"""The one next step that a coordinator is offered on a case: read from the state and whom it waits on."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.bookings.models import Booking, Milestone, MilestoneState, Quotation
from apps.bookings.states import BookingStatus as S
from apps.bookings.states import QuotationStatus
from apps.bookings.states import WaitingOn as W


@dataclass(frozen=True, slots=True)
class Step:
    """A button: the case action that it starts, and what it says."""

    action: str
    label: Any
    # Nothing is asked: one press does it.
    one_click: bool = False
    # Its form stands on the case screen itself.
    on_screen: bool = False


STEPS: dict[str, Step] = {
    S.REQUESTED: Step("under_review", _("Take into review"), one_click=True),
    S.UNDER_REVIEW: Step("accepted", _("Accept"), one_click=True),
    S.ACCEPTED: Step("awaiting_medical_details", _("Ask for documents"), on_screen=True),
    S.AWAITING_MEDICAL_DETAILS: Step("draft_quotation", _("Draft a quotation")),
    S.QUOTATION_SENT: Step("draft_quotation", _("New version")),
    S.PAYMENT_PENDING: Step("payment_link", _("Send the payment link")),
    S.PAYMENT_COMPLETED: Step("invoice_sent", _("Send the invoice"), one_click=True),
    S.INVOICE_SENT: Step("travel_arrangement", _("Start travel arrangements")),
    S.TRAVEL_ARRANGEMENT: Step("travel", _("Update travel")),
    S.IN_TREATMENT: Step("completed", _("Record the discharge")),
    S.ON_HOLD: Step("resume", _("Resume"), one_click=True),
}


def with_next_step(bookings: QuerySet[Booking]) -> QuerySet[Booking]:
    """Annotate what `next_step` needs, so that a list asks nothing per row."""
    return bookings.annotate(
        has_draft=Exists(Quotation.objects.filter(booking=OuterRef("pk"), status=QuotationStatus.DRAFT)),
        travel_money_is_due=Exists(
            Milestone.objects.filter(booking=OuterRef("pk"), state=MilestoneState.DUE, needed_for=S.TRAVEL_ARRANGEMENT)
        ),
    )


def next_step(booking: Any) -> Step | None:
    """Return the next step of a booking from `with_next_step`; None where there is nothing for staff to do."""
    if booking.transfer_open_since and booking.is_open:
        return Step("record_receipt", _("Confirm transfer"))
    if booking.status in (S.ACCEPTED, S.AWAITING_MEDICAL_DETAILS, S.QUOTATION_SENT) and booking.has_draft:
        return Step("quotation_sent", _("Send the draft"), one_click=True)
    if booking.status == S.AWAITING_MEDICAL_DETAILS and booking.waiting_on == W.PATIENT:
        return Step("remind", _("Remind the patient"), one_click=True)
    if booking.status == S.QUOTATION_SENT and booking.waiting_on == W.PATIENT:
        return Step("remind", _("Remind the patient"), one_click=True)
    if booking.status in (S.ACCEPTED, S.AWAITING_MEDICAL_DETAILS) and booking.package_id:
        return Step("draft_package", _("Draft from the package"), one_click=True)
    if booking.status == S.PAYMENT_PENDING and not booking.travel_money_is_due:
        return Step("travel_arrangement", _("Start travel arrangements"))
    if booking.status == S.TRAVEL_ARRANGEMENT and booking.waiting_on == W.HOSPITAL:
        return Step("in_treatment", _("Record the admission"))
    if booking.status == S.CANCELLED and booking.cancel_proof_wanted:
        return Step("accept_proof", _("Check the proof"))
    if not booking.is_open and booking.balance < 0:
        return Step("refund", _("Refund"))
    return STEPS.get(booking.status)
