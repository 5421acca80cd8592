"""The buttons of a case that are no moves: drafts, notes and calls, follow-ups, travel, hand-over."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from apps.billing.services.journey import move_booking
from apps.bookings.admin import forms
from apps.bookings.admin.actions import CaseAction, Press
from apps.bookings.admin.quotation_form import QuotationForm
from apps.bookings.services.assignment import hand_over
from apps.bookings.services.dates import reschedule
from apps.bookings.services.follow_ups import set_follow_up
from apps.bookings.services.notes import add_note, log_call
from apps.bookings.services.nudge import remind_now
from apps.bookings.services.quotation import Offer, OfferLine, draft_from_last, draft_from_package, draft_quotation
from apps.bookings.services.travel import travel_of, write_travel
from apps.bookings.states import BookingStatus
from medivoy.core import clock

MORNING = time(9)


def morning_of(day: date, user: Any) -> datetime:
    """Return nine o'clock of that day where the coordinator is. Raises InvalidInput for a day out of reach."""
    clock.start_of_day(day, user.timezone)
    return datetime.combine(day, MORNING, ZoneInfo(user.timezone)).astimezone(UTC)


def _draft(press: Press) -> Any:
    data = press.data
    offer = Offer(
        currency=data["currency"],
        valid_until=data["valid_until"],
        lines=[OfferLine(**line) for line in press.lines],
        admission_date=data["admission_date"],
        nights=data["nights"],
        exclusions=[line.strip() for line in data["exclusions"].splitlines() if line.strip()],
        rests_on=data["rests_on"],
        doctor=data["doctor"],
    )
    return draft_quotation(press.booking, actor=press.user, offer=offer)


def _extend(press: Press) -> Any:
    """A sent version never changes: the same offer goes out again with a later day."""
    draft_from_last(press.booking, actor=press.user, valid_until=press.data["valid_until"])
    return move_booking(press.booking, to=BookingStatus.QUOTATION_SENT, actor=press.user)


def _follow_up_at(press: Press, choice: str, given: date | None = None) -> datetime | None:
    day = forms.follow_up_day(choice, clock.today(press.user.timezone), given)
    return morning_of(day, press.user) if day else None


def _follow_up(press: Press) -> Any:
    at = _follow_up_at(press, press.data["when"], press.data["day"])
    return set_follow_up(press.booking, at=at, note=press.data["note"], actor=press.user)


def _entry(press: Press) -> Any:
    data = press.data
    internal = data["visibility"] == "staff"
    words = {"internal_notes": data["text"]} if internal else {"notes": data["text"]}
    at = _follow_up_at(press, data["follow_up"])
    if data["kind"] == "call":
        return log_call(
            press.booking,
            actor=press.user,
            answered=data["answered"],
            visibility=data["visibility"],
            follow_up_at=at,
            follow_up_note=data["text"][:255] if at else "",
            **words,
        )
    event = add_note(press.booking, actor=press.user, visibility=data["visibility"], **words)
    if at:
        set_follow_up(press.booking, at=at, note=data["text"][:255], actor=press.user)
    return event


def _hand_over(press: Press) -> Any:
    return hand_over(press.booking, to=press.data["coordinator"], actor=press.user, internal_notes=press.data["note"])


def _travel(press: Press) -> Any:
    data = press.data
    names = ("visa", "flights", "transfers", "accommodation")
    plan: dict[str, Any] = {"checklist": {name: data[name] for name in names}}
    if data["flight_number"] or data["arrival"]:
        arrival = data["arrival"].isoformat() if data["arrival"] else None
        plan["flights"] = [{"number": data["flight_number"], "arrival": arrival}]
    if data["hotel"]:
        plan["accommodation"] = {**travel_of(press.booking).accommodation, "hotel": data["hotel"]}
    return write_travel(press.booking, actor=press.user, plan=plan)


def _reschedule(press: Press) -> Any:
    given = {name: press.data[name] for name in ("confirmed_date", "asked_by", "reason")}
    return reschedule(press.booking, actor=press.user, **given)


def _remind(press: Press) -> Any:
    told = remind_now(press.booking, actor=press.user)
    return _("The reminder is on its way.") if told else _("They were reminded today already.")


TOOLS = [
    CaseAction(
        "draft_quotation",
        _("New quotation version"),
        "booking.quotation",
        _draft,
        QuotationForm,
        with_lines=True,
        done=_("The draft is kept. The patient sees it once it is sent."),
    ),
    CaseAction(
        "draft_package",
        _("Draft from the package"),
        "booking.quotation",
        lambda press: draft_from_package(press.booking, actor=press.user),
    ),
    CaseAction("extend", _("Extend the validity"), "booking.quotation", _extend, forms.ExtendForm),
    CaseAction("entry", _("Note or call"), "booking.add_to_timeline", _entry, forms.EntryForm),
    CaseAction("follow_up", _("Follow up"), "booking.partial_update", _follow_up, forms.FollowUpForm),
    CaseAction("hand_over", _("Hand over"), "booking.partial_update", _hand_over, forms.HandOverForm),
    CaseAction("travel", _("Update travel"), "booking.update_travel", _travel, forms.TravelForm),
    CaseAction("reschedule", _("Reschedule"), "booking.partial_update", _reschedule, forms.RescheduleForm),
    CaseAction("remind", _("Remind"), "booking.add_to_timeline", _remind),
]
