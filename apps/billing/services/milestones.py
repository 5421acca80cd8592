"""Milestones that are forgiven as a gate: their money rolls into the next one that is due."""

from typing import Any

from apps.bookings.models import Milestone


def waive_milestone(milestone: Milestone, *, actor: Any, reason: str) -> Milestone:
    """Lift the gate of a milestone that is due, by an admin with a reason. Raises Refused, InvalidInput, GuardFailed."""
