"""Staff who come, go, or change their role: the account first, then the cases that were theirs."""

import uuid

from django.db import transaction

from apps.accounts.errors import AdministersHospital
from apps.accounts.models import User
from apps.accounts.services.users import give_role, shut_out
from apps.bookings.models import Booking
from apps.bookings.services.assignment import reassign_cases


@transaction.atomic
def deactivate_user(
    user: User, *, actor: User, reassign_to: User | None = None, expected_version: int | None = None
) -> User:
    """Shut an account out at once and move its open cases, to `reassign_to` or each by the rule of assignment.

    Each timeline says so. Raises what shut_out raises, and InvalidInput on reassign_to.
    """
    user = shut_out(user, actor=actor, expected_version=expected_version)
    _hand_on(user, actor=actor, to=reassign_to)
    return user


@transaction.atomic
def change_role(
    user: User,
    role: str,
    *,
    actor: User,
    reason: str = "",
    reassign_to: User | None = None,
    expected_version: int | None = None,
) -> User:
    """Give somebody else another role; the open cases of one who coordinates no longer move as on deactivation.

    Raises what give_role raises, InvalidInput on reassign_to, and AdministersHospital where a hospital would be left
    to somebody who may not look after it.
    """
    user = give_role(user, role, actor=actor, reason=reason, expected_version=expected_version)
    if not user.may("hospital.administer") and user.hospitals.exists():
        raise AdministersHospital
    if not user.may("case.coordinate"):
        _hand_on(user, actor=actor, to=reassign_to)
    return user


def stranded_cases() -> list[uuid.UUID]:
    """Return the coordinators who have open cases and look after none any more: one was shut out while a case was on
    its way to them."""
    able = User.objects.active().who_may("case.coordinate")
    stranded = Booking.objects.open().exclude(coordinator=None).exclude(coordinator__in=able)
    return list(stranded.order_by("coordinator").values_list("coordinator", flat=True).distinct())


def move_stranded(coordinator_id: uuid.UUID) -> int:
    """Move the open cases of one of them by the rule; return how many."""
    return reassign_cases(User.objects.get(pk=coordinator_id), actor=None)


def _hand_on(user: User, *, actor: User, to: User | None) -> None:
    if Booking.objects.open().filter(coordinator=user).exists():
        reassign_cases(user, actor=actor, to=to)
