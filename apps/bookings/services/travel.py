"""The journey's arrangements: kept by coordinators from the acceptance on."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.models import Booking, EventKind, ItemStatus, TravelPlan, VisaStatus
from apps.bookings.services.transition import lock, record, refresh_waiting
from apps.bookings.states import AGREED
from medivoy.core import clock
from medivoy.core.errors import GuardFailed, InvalidInput

DETAILS = ("visa", "flights", "transfers", "accommodation")
STATES = {
    "visa": VisaStatus.values,
    "flights": ItemStatus.values,
    "transfers": ItemStatus.values,
    "accommodation": ItemStatus.values,
}


def travel_of(booking: Booking) -> TravelPlan:
    """Return the booking's travel plan; where there is none yet, an unsaved one with everything to do."""
    return getattr(booking, "travel_plan", None) or TravelPlan(booking=booking)


@transaction.atomic
def write_travel(booking: Booking, *, actor: User, plan: dict[str, Any]) -> TravelPlan:
    """Write the details (visa, flights, transfers, accommodation) and states (`checklist`) that `plan` names.

    What it does not name stays. Nothing new writes nothing. Raises InvalidInput on the item; GuardFailed
    not_confirmed before anything is agreed or once the case has ended.
    """
    booking = lock(booking.pk)
    checklist = plan.get("checklist", {})
    wrong = {f"checklist.{name}": [_("There is no such state.")] for name in checklist if not _known(name, checklist)}
    if wrong:
        raise InvalidInput(wrong)
    if booking.stage not in AGREED or not booking.is_open:
        raise GuardFailed(_("The journey is arranged between acceptance and discharge."), code="not_confirmed")
    travel = TravelPlan.objects.filter(booking=booking).first() or TravelPlan(booking=booking)
    wanted = {name: plan[name] for name in DETAILS if name in plan}
    wanted |= {f"{name}_status": state for name, state in checklist.items()}
    changed = {name: value for name, value in wanted.items() if getattr(travel, name) != value}
    if not changed:
        return travel
    for name, value in changed.items():
        setattr(travel, name, value)
    states = {name: value for name, value in changed.items() if name.endswith("_status")}
    if states:
        travel.changed_at = clock.now()
    travel.save()
    record(booking, EventKind.NOTE, actor=actor, data={"travel": sorted(changed), "checklist": travel.checklist()})
    refresh_waiting(booking)
    return travel


def _known(name: str, checklist: dict[str, str]) -> bool:
    return name in STATES and checklist[name] in STATES[name]
