"""What must be said with a move: each lack is a complaint on its field (400), before any state is looked at."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.models import Booking
from apps.bookings.services.cancellation import read_grounds
from apps.bookings.states import BookingStatus, HoldReason, Outcome
from apps.clinical.models import RecordType
from medivoy.core.errors import InvalidInput

Given = Mapping[str, Any]
Errors = dict[str, list[Any]]


def check_given(booking: Booking, to: str, *, actor: User, given: Given) -> None:
    """Refuse a move that lacks something it must be told. Raises InvalidInput."""
    if to == BookingStatus.CANCELLED:
        read_grounds(actor, party=given.get("party", ""), reason=given.get("reason", ""))
    check = CHECKS.get(to)
    errors = check(booking, actor, given) if check else {}
    if errors:
        raise InvalidInput(errors)


def one_of(field: str, value: Any, choices: list[str]) -> Errors:
    if value in choices:
        return {}
    return {field: [_("One of these is needed: %(choices)s.") % {"choices": ", ".join(choices)}]}


def _rejected(booking: Booking, actor: User, given: Given) -> Errors:
    return {} if given.get("reason") else {"reason": [_("A reason is needed.")]}


def _wanted(booking: Booking, actor: User, given: Given) -> Errors:
    wanted = given.get("wanted") or []
    if not wanted and not given.get("notes"):
        return {"wanted": [_("Say what is wanted: documents, or a note.")]}
    errors: Errors = {}
    for index, wish in enumerate(wanted):
        errors |= one_of(f"wanted.{index}.type", wish.get("type"), RecordType.values)
    return errors


def _confirmed(booking: Booking, actor: User, given: Given) -> Errors:
    """A coordinator who accepts for the patient says how they heard of it and what proves it."""
    if not actor.may("quotation.accept_on_behalf"):
        return {}
    needed = {"channel": _("By which channel did the patient say so?"), "proof": _("What proves it?")}
    return {name: [text] for name, text in needed.items() if not given.get(name)}


def _on_hold(booking: Booking, actor: User, given: Given) -> Errors:
    errors = one_of("reason", given.get("reason"), HoldReason.values)
    review_on: date | None = given.get("review_on")
    if review_on is None:
        errors["review_on"] = [_("A day is needed on which to look at it again.")]
    elif review_on < booking.local_today():
        errors["review_on"] = [_("This day is over at the hospital.")]
    return errors


def _in_treatment(booking: Booking, actor: User, given: Given) -> Errors:
    return _not_in_future(booking, "admitted_on", given)


def _completed(booking: Booking, actor: User, given: Given) -> Errors:
    errors = _not_in_future(booking, "discharged_on", given)
    discharged_on = given.get("discharged_on")
    if discharged_on and booking.admitted_on and discharged_on < booking.admitted_on:
        errors["discharged_on"] = [_("This is before the day of admission.")]
    return errors | one_of("outcome", given.get("outcome", Outcome.TREATED.value), Outcome.values)


def _not_in_future(booking: Booking, field: str, given: Given) -> Errors:
    day = given.get(field)
    if day and day > booking.local_today():
        return {field: [_("This day has not yet come at the hospital.")]}
    return {}


CHECKS: dict[str, Callable[[Booking, User, Given], Errors]] = {
    BookingStatus.REJECTED: _rejected,
    BookingStatus.AWAITING_MEDICAL_DETAILS: _wanted,
    BookingStatus.CONFIRMED: _confirmed,
    BookingStatus.ON_HOLD: _on_hold,
    BookingStatus.IN_TREATMENT: _in_treatment,
    BookingStatus.COMPLETED: _completed,
}
