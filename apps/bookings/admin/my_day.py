"""The first screen: what a coordinator has to do today, in the order of its lateness."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.billing.models import BankReceipt, Payment, Refund
from apps.billing.states import RefundState
from apps.bookings.admin.next_step import with_next_step
from apps.bookings.admin.rows import case_row
from apps.bookings.models import Booking
from apps.bookings.states import WaitingOn
from medivoy.core import clock

ROWS = 25
MONEY_ROWS = 10
SCOPES = ("mine", "all", "unassigned")
SESSION_KEY = "my_day_scope"


def scope_of(request: HttpRequest) -> str:
    """Return whose cases are shown: chosen now, else remembered, else mine."""
    chosen = request.GET.get("scope", "")
    if chosen in SCOPES:
        request.session[SESSION_KEY] = chosen
    remembered = request.session.get(SESSION_KEY)
    if remembered in SCOPES:
        return str(remembered)
    return "mine" if request.user.has_perm("bookings.add_booking") else "all"


def in_scope(bookings: QuerySet[Booking], user: Any, scope: str) -> QuerySet[Booking]:
    """Narrow `bookings` to those of the user, or to the unassigned ones."""
    if scope == "mine":
        return bookings.filter(coordinator=user)
    return bookings.filter(coordinator=None) if scope == "unassigned" else bookings


def context(request: HttpRequest, site: dict[str, Any]) -> dict[str, Any]:
    """Add "My day" to the index page's context; the number of queries does not grow with the cases."""
    if not request.user.has_perm("bookings.view_booking"):
        return site | {"my_day": None, "title": _("Welcome")}
    scope = scope_of(request)
    cases = in_scope(Booking.objects.visible_to(request.user), request.user, scope)
    return site | {
        "title": _("My day"),
        "my_day": {
            "scope": scope,
            "scopes": [("mine", _("Mine")), ("all", _("All")), ("unassigned", _("Unassigned"))],
            "your_turn": _rows(cases.waiting_on(WaitingOn.COORDINATOR).order_by("due_at", "id")),
            "your_turn_count": cases.waiting_on(WaitingOn.COORDINATOR).count(),
            "follow_ups": _rows(cases.to_follow_up(_tonight(request.user)).order_by("follow_up_at", "id")),
            "money": money_to_sort(cases),
            "others": waiting_on_others(cases),
            "search_url": reverse("admin:bookings_booking_changelist"),
        },
    }


def _tonight(user: Any) -> Any:
    return clock.end_of_day(clock.today(user.timezone), user.timezone)


def _rows(cases: QuerySet[Booking]) -> list[Any]:
    return [case_row(booking) for booking in with_next_step(cases.for_list())[:ROWS]]


def money_to_sort(cases: QuerySet[Booking]) -> list[dict[str, Any]]:
    """Return the cases whose money needs a person: unconfirmed transfers, mismatches, failed refunds."""
    failed = Refund.objects.filter(booking=OuterRef("pk"), status=RefundState.FAILED)
    asked = Refund.objects.filter(booking=OuterRef("pk"), status=RefundState.REQUESTED)
    mismatch = Payment.objects.filter(booking=OuterRef("pk")).exclude(mismatch="")
    second = BankReceipt.objects.filter(booking=OuterRef("pk"), confirmed_at=None)
    found = (
        cases.for_list()
        .annotate(
            refund_failed=Exists(failed),
            refund_asked=Exists(asked),
            mismatched=Exists(mismatch),
            second_wanted=Exists(second),
        )
        .filter(
            Q(refund_failed=True)
            | Q(refund_asked=True)
            | Q(mismatched=True)
            | Q(second_wanted=True)
            | Q(transfer_open_since__isnull=False)
        )
        .order_by("transfer_open_since", "id")
    )
    return [{"row": case_row(booking), "what": _money_words(booking)} for booking in with_next_step(found)[:MONEY_ROWS]]


def _money_words(booking: Any) -> list[str]:
    words = {
        "mismatched": _("The gateway reports another amount than was asked"),
        "refund_failed": _("A refund has failed"),
        "refund_asked": _("A refund waits for approval"),
        "second_wanted": _("A transfer waits for a second person"),
    }
    found = [text for name, text in words.items() if getattr(booking, name)]
    if booking.transfer_open_since and not booking.second_wanted:
        found.append(_("A bank transfer is announced"))
    return found


def waiting_on_others(cases: QuerySet[Booking]) -> list[dict[str, str]]:
    """Return the links to the lists of cases that wait on somebody else."""
    address = reverse("admin:bookings_booking_changelist")
    parties = [WaitingOn.HOSPITAL, WaitingOn.PATIENT, WaitingOn.PAYER, WaitingOn.EMBASSY]
    links = [
        {"label": str(party.label), "url": f"{address}?waiting_on={party.value}&o=waiting_since"} for party in parties
    ]
    return [*links, {"label": _("On hold"), "url": f"{address}?status=on_hold"}]
