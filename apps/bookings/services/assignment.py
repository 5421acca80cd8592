"""Which coordinator looks after a case (domain.md, Assignment)."""

from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Max, Q
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.models import Booking, EventKind
from apps.bookings.services.news import tell
from apps.bookings.services.transition import lock, record, refresh_waiting
from apps.bookings.states import ENDED
from medivoy.core import clock
from medivoy.core.errors import InvalidInput

# The name of the lock under which coordinators are counted and chosen.
ADVISORY_LOCK = "bookings.assignment"


def take_turns() -> None:
    """Hold the one lock of assignment until the transaction ends: whoever chooses sees all choices before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [ADVISORY_LOCK])


def choose_coordinator(language: str, *, besides: User | None = None) -> User | None:
    """Return who, `besides` aside, gets the next case of a patient who reads `language`; None: nobody is there.

    Active and not away; among those who speak the language, if any does; fewest open cases; then whoever has waited
    longest for a new one. Call it under `take_turns`.
    """
    present = User.objects.coordinators().active().filter(Q(away_until=None) | Q(away_until__lte=clock.now()))
    present = present.exclude(pk=besides.pk) if besides else present
    speakers = present.filter(spoken_languages__contains=[language])
    candidates = speakers if speakers.exists() else present
    chosen: User | None = (
        candidates.annotate(
            open_cases=Count("cases", filter=~Q(cases__status__in=ENDED)), newest_case=Max("cases__assigned_at")
        )
        .order_by("open_cases", F("newest_case").asc(nulls_first=True), "pk")
        .first()
    )
    return chosen


def assign_by_rule(booking: Booking, *, actor: User | None) -> User | None:
    """Give a locked booking to a coordinator (another than now) by the rule.

    With nobody left it has none, and the admins are told.
    """
    take_turns()
    chosen = choose_coordinator(booking.patient.user.preferred_language, besides=booking.coordinator)
    _assign(booking, chosen, actor=actor)
    if chosen is None:
        tell(booking, "booking_unassigned")
    return chosen


@transaction.atomic
def hand_over(booking: Booking, *, to: User, actor: User, internal_notes: str = "") -> Booking:
    """Give a case to another coordinator, who is told. Raises InvalidInput on coordinator_id."""
    booking = lock(booking.pk)
    _check_coordinator(to, "coordinator_id")
    if booking.coordinator_id == to.pk:
        return booking
    take_turns()
    _assign(booking, to, actor=actor, internal_notes=internal_notes)
    tell(booking, "booking_assigned", actor=actor)
    refresh_waiting(booking)
    return booking


@transaction.atomic
def reassign_cases(coordinator: User, *, actor: User | None, to: User | None = None) -> int:
    """Move the open cases of a coordinator who stops, to `to` or each by the rule; return how many.

    Each timeline says so. Raises InvalidInput on reassign_to.
    """
    if to is not None:
        _check_coordinator(to, "reassign_to")
        if to.pk == coordinator.pk:
            raise InvalidInput({"reassign_to": [_("These cases are theirs already.")]})
    open_cases = Booking.objects.open().filter(coordinator=coordinator).order_by("pk")
    # All rows before the advisory lock, as everywhere: whoever holds a row may be waiting for that lock.
    ids = list(open_cases.select_for_update().values_list("pk", flat=True))
    for booking_id in ids:
        booking = lock(booking_id)
        if to is None:
            assign_by_rule(booking, actor=actor)
        else:
            take_turns()
            _assign(booking, to, actor=actor)
        if booking.coordinator_id:
            tell(booking, "booking_assigned", actor=actor)
        refresh_waiting(booking)
    return len(ids)


def _check_coordinator(user: User, field: str) -> None:
    if not user.may("case.coordinate"):
        raise InvalidInput({field: [_("This is not an active coordinator.")]})


def _assign(booking: Booking, coordinator: User | None, *, actor: User | None, internal_notes: str = "") -> None:
    data: dict[str, Any] = {
        "from": str(booking.coordinator_id) if booking.coordinator_id else None,
        "to": str(coordinator.pk) if coordinator else None,
        "coordinator": coordinator.get_full_name() if coordinator else None,
    }
    booking.coordinator, booking.assigned_at = coordinator, clock.now() if coordinator else None
    booking.save(update_fields=["coordinator", "assigned_at"])
    record(booking, EventKind.ASSIGNED, actor=actor, internal_notes=internal_notes, data=data)
