"""The buttons of a case as a table: what each asks for, which service it calls, and what it says afterwards.

A button never decides: the same services as the API's refuse what may not be.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.billing.services.journey import move_booking
from apps.bookings.admin import forms
from apps.bookings.admin.forms import CaseForm
from apps.bookings.models import Booking
from apps.bookings.states import BookingStatus as S


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed: on which case, by whom, with what."""

    booking: Booking
    user: Any
    data: Mapping[str, Any]
    lines: list[dict[str, Any]]
    expected_status: str | None


@dataclass(frozen=True, slots=True)
class CaseAction:
    """One button. `operation` is its line in roles.py; `run` calls one service and returns what was done, in words."""

    code: str
    title: Any
    operation: str
    run: Callable[[Press], Any]
    form: type[CaseForm] = forms.MoveForm
    done: Any = ""
    # Shows what will follow before it is done; the second press confirms it.
    preview: Callable[[Press], "Preview"] | None = None
    # A service that calls a gateway opens its transactions itself.
    own_transactions: bool = False
    with_lines: bool = False
    is_danger: bool = False

    @property
    def is_one_click(self) -> bool:
        return self.form is forms.MoveForm and self.preview is None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a button will do: lines of figures or words, and a token that must still hold when it is confirmed."""

    lines: list[dict[str, Any]]
    currency: str
    token: str
    template: str = "console/preview.html"


def to_status(status: str, *names: str) -> Callable[[Press], Any]:
    """Return a `run` that moves the case to `status` with the named fields of the form."""

    def run(press: Press) -> Any:
        given = {name: press.data[name] for name in names if name in press.data}
        return move_booking(press.booking, to=status, actor=press.user, expected_status=press.expected_status, **given)

    return run


def _resume(press: Press) -> Any:
    return to_status(press.booking.held_from)(press)


def _ask_documents(press: Press) -> Any:
    why = press.data.get("why", "")
    wanted = [{"type": kind, "why": why} for kind in press.data.get("types", [])]
    extra = {"wanted": wanted} if wanted else {"notes": why}
    return move_booking(
        press.booking,
        to=S.AWAITING_MEDICAL_DETAILS,
        actor=press.user,
        expected_status=press.expected_status,
        **extra,
    )


def _confirm(press: Press) -> Any:
    current = press.booking.quotations.current().first()
    return move_booking(
        press.booking,
        to=S.CONFIRMED,
        actor=press.user,
        expected_status=press.expected_status,
        version=current.version_number if current else None,
        channel=press.data["channel"],
        proof=press.data["proof"],
    )


MOVES = [
    CaseAction("under_review", _("Take into review"), "booking.status", to_status(S.UNDER_REVIEW)),
    CaseAction("accepted", _("Accept"), "booking.status", to_status(S.ACCEPTED)),
    CaseAction(
        "rejected",
        _("Reject"),
        "booking.status",
        to_status(S.REJECTED, "reason", "notes", "internal_notes"),
        forms.RejectForm,
        is_danger=True,
    ),
    CaseAction(
        "awaiting_medical_details",
        _("Ask for documents"),
        "booking.status",
        _ask_documents,
        forms.AskDocumentsForm,
        done=_("The patient was asked for the documents."),
    ),
    CaseAction(
        "quotation_sent",
        _("Send the draft"),
        "booking.status",
        to_status(S.QUOTATION_SENT),
        done=_("The quotation was sent to the patient."),
    ),
    CaseAction("confirmed", _("Accepted by the patient"), "booking.status", _confirm, forms.ConfirmForm),
    CaseAction("invoice_sent", _("Send the invoice"), "booking.status", to_status(S.INVOICE_SENT)),
    CaseAction(
        "travel_arrangement",
        _("Start travel arrangements"),
        "booking.status",
        to_status(S.TRAVEL_ARRANGEMENT, "override_reason"),
        forms.TravelStartForm,
    ),
    CaseAction(
        "in_treatment",
        _("Record the admission"),
        "booking.status",
        to_status(S.IN_TREATMENT, "admitted_on", "override_reason"),
        forms.AdmitForm,
    ),
    CaseAction(
        "completed",
        _("Record the discharge"),
        "booking.status",
        to_status(S.COMPLETED, "discharged_on", "outcome"),
        forms.DischargeForm,
    ),
    CaseAction("feedback_received", _("Feedback received"), "booking.status", to_status(S.FEEDBACK_RECEIVED)),
    CaseAction(
        "on_hold",
        _("Put on hold"),
        "booking.status",
        to_status(S.ON_HOLD, "reason", "review_on", "notes", "internal_notes"),
        forms.HoldForm,
    ),
    CaseAction("resume", _("Resume"), "booking.status", _resume),
]
