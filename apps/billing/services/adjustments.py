"""Corrections of what is owed, each with its reason: bank fees, rounding, goodwill, write-offs."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import roles_of
from apps.billing.limits import needs_admin
from apps.billing.services.settlement import settle
from apps.bookings.models import Adjustment, AdjustmentKind, Booking, EventKind, Visibility
from apps.bookings.services.transition import lock, record
from medivoy.core.errors import GuardFailed, InvalidInput, Refused
from medivoy.core.money import LARGEST, ZERO, fits, format_amount

# The right to adjust by any amount.
WITHOUT_LIMIT = "adjustment.without_limit"


@transaction.atomic
def adjust(booking: Booking, *, actor: User, kind: str, amount: Decimal, reason: str) -> Adjustment:
    """Lower (positive `amount`) or raise (negative) what is owed, in the booking's currency.

    Coordinators up to settings.ADJUSTMENT_ADMIN_ABOVE, all their adjustments of a booking together, above it an
    admin: Refused. Raises InvalidInput; GuardFailed
    nothing_agreed before a quotation is accepted.
    """
    booking = lock(booking.pk)
    if booking.total_amount is None:
        raise GuardFailed(_("Nothing is agreed yet that could be adjusted."), code="nothing_agreed")
    _check(booking, kind, amount, reason)
    if not actor.may(WITHOUT_LIMIT) and _is_above_limit(booking, amount):
        raise Refused(_("An adjustment of this size is made by an administrator."), code="admin_needed")
    adjustment = write_adjustment(booking, actor=actor, kind=kind, amount=amount, reason=reason)
    settle(booking)
    return adjustment


def write_adjustment(booking: Booking, *, actor: User, kind: str, amount: Decimal, reason: str) -> Adjustment:
    """Write an adjustment of a locked booking and its event; the caller settles."""
    adjustment = Adjustment.objects.create(booking=booking, kind=kind, amount=amount, reason=reason, created_by=actor)
    record(
        booking,
        EventKind.PAYMENT,
        actor=actor,
        visibility=Visibility.HOSPITAL,
        data={"adjustment": kind, "amount": format_amount(amount, booking.currency), "currency": booking.currency},
        internal_notes=reason,
    )
    return adjustment


def _is_above_limit(booking: Booking, amount: Decimal) -> bool:
    """Whether it is an admin's to make: by itself, or with what others than admins adjusted here before."""
    others = Adjustment.objects.filter(booking=booking).exclude(created_by__user_type__in=roles_of(WITHOUT_LIMIT))
    so_far = others.aggregate(total=Sum("amount"))["total"] or ZERO
    return needs_admin(amount, booking.currency) or needs_admin(so_far + amount, booking.currency)


def _check(booking: Booking, kind: str, amount: Decimal, reason: str) -> None:
    errors: dict[str, list[Any]] = {}
    if kind not in AdjustmentKind.values:
        errors["kind"] = [_("This is no kind of adjustment.")]
    if not amount or abs(amount) > LARGEST or not fits(amount, booking.currency):
        errors["amount"] = [_("This is no amount of %(currency)s.") % {"currency": booking.currency}]
    if not reason.strip():
        errors["reason"] = [_("A reason is needed.")]
    if errors:
        raise InvalidInput(errors)
