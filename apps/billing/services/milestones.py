"""Milestones that are forgiven as a gate: their money rolls into the next one that is due."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing.services.settlement import settle
from apps.bookings.models import EventKind, Milestone, MilestoneState, Visibility
from apps.bookings.services.transition import lock, record
from medivoy.core.errors import GuardFailed, InvalidInput, Refused
from medivoy.core.money import format_amount


@transaction.atomic
def waive_milestone(milestone: Milestone, *, actor: User, reason: str) -> Milestone:
    """Lift the gate of a milestone that is due, by an admin with a reason; what it asked for is still owed.

    Raises Refused, InvalidInput; GuardFailed not_due where it is met or waived already. Rule: domain.md, Milestones.
    """
    if not actor.may("milestone.waive"):
        raise Refused
    if not reason.strip():
        raise InvalidInput({"reason": [_("A reason is needed.")]})
    booking = lock(milestone.booking_id)
    milestone = Milestone.objects.select_for_update().get(pk=milestone.pk)
    if milestone.state != MilestoneState.DUE:
        raise GuardFailed(_("This milestone is not due."), code="not_due")
    milestone.state, milestone.waived_by, milestone.waive_reason = MilestoneState.WAIVED, actor, reason
    milestone.save(update_fields=["state", "waived_by", "waive_reason"])
    record(
        booking,
        EventKind.PAYMENT,
        actor=actor,
        visibility=Visibility.HOSPITAL,
        internal_notes=reason,
        data={
            "milestone": milestone.name,
            "status": str(milestone.state),
            "amount": format_amount(milestone.amount, booking.currency),
            "currency": booking.currency,
        },
    )
    settle(booking)
    return milestone
