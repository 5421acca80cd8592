"""The journey of a booking as data: every state, every move, who makes it and what it needs."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import read_letters
from medivoy.core.states import Machine, Move


class BookingStatus(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    UNDER_REVIEW = "under_review", _("Under review")
    ACCEPTED = "accepted", _("Accepted")
    AWAITING_MEDICAL_DETAILS = "awaiting_medical_details", _("Awaiting medical details")
    QUOTATION_SENT = "quotation_sent", _("Quotation sent")
    CONFIRMED = "confirmed", _("Confirmed")
    PAYMENT_PENDING = "payment_pending", _("Payment pending")
    PAYMENT_COMPLETED = "payment_completed", _("Payment completed")
    INVOICE_SENT = "invoice_sent", _("Invoice sent")
    TRAVEL_ARRANGEMENT = "travel_arrangement", _("Travel arrangement")
    IN_TREATMENT = "in_treatment", _("In treatment")
    COMPLETED = "completed", _("Completed")
    FEEDBACK_RECEIVED = "feedback_received", _("Feedback received")
    REJECTED = "rejected", _("Rejected")
    ON_HOLD = "on_hold", _("On hold")
    CANCELLED = "cancelled", _("Cancelled")


S = BookingStatus

# From the request to the journey's eve: what may be held, and cancelled by the patient too.
BEFORE_TREATMENT = (
    S.REQUESTED,
    S.UNDER_REVIEW,
    S.ACCEPTED,
    S.AWAITING_MEDICAL_DETAILS,
    S.QUOTATION_SENT,
    S.CONFIRMED,
    S.PAYMENT_PENDING,
    S.PAYMENT_COMPLETED,
    S.INVOICE_SENT,
    S.TRAVEL_ARRANGEMENT,
)
BEFORE_CONFIRMED = BEFORE_TREATMENT[:5]
# From the acceptance on, something is agreed and a total stands.
AGREED = (*BEFORE_TREATMENT[5:], S.IN_TREATMENT, S.COMPLETED, S.FEEDBACK_RECEIVED)
ENDED = (S.REJECTED, S.CANCELLED, S.COMPLETED, S.FEEDBACK_RECEIVED)
STEPS = (*BEFORE_TREATMENT, S.IN_TREATMENT, S.COMPLETED, S.FEEDBACK_RECEIVED)


def _move(sources: tuple[str, ...] | str, target: str, who: str, needs: object = "") -> Move:
    return Move((sources,) if isinstance(sources, str) else sources, target, read_letters(who), needs)


BOOKING = Machine(
    "booking",
    BookingStatus.values,
    [
        _move(S.REQUESTED, S.UNDER_REVIEW, "C A H"),
        _move(S.UNDER_REVIEW, S.ACCEPTED, "C A H"),
        _move(
            (S.UNDER_REVIEW, S.ACCEPTED, S.AWAITING_MEDICAL_DETAILS, S.QUOTATION_SENT),
            S.REJECTED,
            "C A H",
            _("a reason"),
        ),
        _move((S.ACCEPTED, S.QUOTATION_SENT), S.AWAITING_MEDICAL_DETAILS, "C A H", _("what is wanted")),
        _move(
            (S.ACCEPTED, S.AWAITING_MEDICAL_DETAILS, S.QUOTATION_SENT),
            S.QUOTATION_SENT,
            "C A H",
            _("a draft with a line and a future validity"),
        ),
        _move(S.QUOTATION_SENT, S.CONFIRMED, "P C", _("the acceptance of the current, unexpired version")),
        _move(S.CONFIRMED, S.PAYMENT_PENDING, "system", _("something is owed")),
        _move((S.CONFIRMED, S.PAYMENT_PENDING), S.PAYMENT_COMPLETED, "system", _("nothing is owed")),
        _move(S.PAYMENT_COMPLETED, S.INVOICE_SENT, "system C", _("an issued invoice")),
        _move(
            (S.PAYMENT_PENDING, S.INVOICE_SENT),
            S.TRAVEL_ARRANGEMENT,
            "C A",
            _("the payments that are needed before travel"),
        ),
        _move(
            S.TRAVEL_ARRANGEMENT,
            S.IN_TREATMENT,
            "C A H",
            _("the payments that are needed before treatment, and the day of admission"),
        ),
        _move(S.IN_TREATMENT, S.COMPLETED, "C A H", _("the day of discharge and the outcome")),
        _move(S.COMPLETED, S.FEEDBACK_RECEIVED, "system C", _("a review of this booking")),
        _move(BEFORE_TREATMENT, S.ON_HOLD, "C A H", _("a reason and a date of review")),
        *[_move(S.ON_HOLD, state, "C A H", _("it was held from there")) for state in BEFORE_TREATMENT],
        _move((*BEFORE_TREATMENT, S.ON_HOLD), S.CANCELLED, "P C A H", _("a party and a reason")),
        _move(S.IN_TREATMENT, S.CANCELLED, "C A H", _("a party and a reason")),
    ],
)


class PaymentStatus(models.TextChoices):
    UNPAID = "unpaid", _("Unpaid")
    PARTIALLY_PAID = "partially_paid", _("Partially paid")
    PAYMENT_COMPLETED = "payment_completed", _("Paid")
    OVERPAID = "overpaid", _("Overpaid")
    PARTIALLY_REFUNDED = "partially_refunded", _("Partially refunded")
    REFUNDED = "refunded", _("Refunded")


class WaitingOn(models.TextChoices):
    PATIENT = "patient", _("Patient")
    HOSPITAL = "hospital", _("Hospital")
    COORDINATOR = "coordinator", _("Coordinator")
    PAYER = "payer", _("Payer")
    EMBASSY = "embassy", _("Embassy")
    NOBODY = "nobody", _("Nobody")


class Party(models.TextChoices):
    PATIENT = "patient", _("Patient")
    HOSPITAL = "hospital", _("Hospital")
    PLATFORM = "platform", _("Platform")


class CancelReason(models.TextChoices):
    CHANGED_MIND = "changed_mind", _("Changed mind")
    PRICE = "price", _("Price")
    VISA_REFUSED = "visa_refused", _("Visa refused")
    MEDICALLY_UNFIT = "medically_unfit", _("Medically unfit")
    NO_RESPONSE = "no_response", _("No response")
    DUPLICATE = "duplicate", _("Duplicate")
    HOSPITAL_UNAVAILABLE = "hospital_unavailable", _("Hospital unavailable")
    DOCTOR_UNAVAILABLE = "doctor_unavailable", _("Doctor unavailable")
    OTHER_HOSPITAL = "other_hospital", _("Another hospital")
    DEATH = "death", _("Death")
    FORCE_MAJEURE = "force_majeure", _("Force majeure")
    OTHER = "other", _("Other")


class HoldReason(models.TextChoices):
    MEDICAL = "medical", _("Medical")
    PERSONAL = "personal", _("Personal")
    VISA = "visa", _("Visa")
    FUNDS = "funds", _("Funds")
    HOSPITAL = "hospital", _("Hospital")
    DOCUMENTS = "documents", _("Documents")


class Outcome(models.TextChoices):
    TREATED = "treated", _("Treated")
    PARTLY_TREATED = "partly_treated", _("Partly treated")
    LEFT_AGAINST_ADVICE = "left_against_advice", _("Left against medical advice")
    TRANSFERRED = "transferred", _("Transferred")
    DIED = "died", _("Died")


class QuotationStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SENT = "sent", _("Sent")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")
    SUPERSEDED = "superseded", _("Superseded")
    WITHDRAWN = "withdrawn", _("Withdrawn")


Q = QuotationStatus

QUOTATION = Machine(
    "quotation",
    QuotationStatus.values,
    [
        _move(Q.DRAFT, Q.SENT, "C A H", _("a line and a future validity")),
        _move(Q.SENT, Q.ACCEPTED, "P C", _("it is the current version and has not expired")),
        _move(Q.SENT, Q.DECLINED, "P", _("a reason")),
        _move(Q.SENT, Q.EXPIRED, "system", _("the end of its last day at the hospital")),
        _move(Q.SENT, Q.SUPERSEDED, "system", _("a newer version is sent")),
        _move(Q.SENT, Q.WITHDRAWN, "system", _("the case is rejected or cancelled, or more details are asked for")),
    ],
)
