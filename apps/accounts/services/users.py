"""What an admin does with the accounts of others. What that means for cases and hospitals is done upstairs, in
apps/bookings/services/staffing.py."""

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import roles
from apps.accounts.errors import AccountErased, OwnAccount
from apps.accounts.models import User
from apps.accounts.services.audit import record
from apps.accounts.services.mailed_secrets import void_mailed_links
from apps.accounts.services.profile import update_account
from apps.accounts.services.registration import save_unless_taken
from apps.accounts.services.sessions import end_all_sessions
from apps.accounts.services.staff import lock_beside_admins, refuse_last_admin
from apps.notifications.services.outbox import notify
from medivoy.core.errors import InvalidInput, StaleVersion


class RoleReason(models.TextChoices):
    """Why somebody gets another role: kept in the audit trail, where no free text goes."""

    DUTIES_CHANGED = "duties_changed", _("Their duties have changed")
    STANDING_IN = "standing_in", _("They stand in for somebody")
    MISTAKE = "mistake", _("The role was given by mistake")


# What an admin may write on somebody else; e-mail, password, activity and what was proven have ways of their own.
PLAIN_FIELDS = frozenset(
    {"first_name", "last_name", "phone", "preferred_language", "timezone", "spoken_languages", "away_until"}
)


@transaction.atomic
def correct_account(
    user: User,
    *,
    changes: dict[str, Any],
    actor: User,
    current_password: str = "",
    expected_version: int | None = None,
) -> User:
    """Write `changes` (names of PLAIN_FIELDS) to the account of somebody else, or to one's own as one's profile does.

    Raises AlreadyRegistered for a number with an owner, AccountErased, StaleVersion, and on one's own what
    update_account raises.
    """
    user = _compared(User.objects.locked().get(pk=user.pk), expected_version)
    if user.pk == actor.pk:
        return update_account(user, changes=changes, current_password=current_password)
    foreign = changes.keys() - PLAIN_FIELDS
    if foreign:
        raise ValueError(f"not an admin's to write: {sorted(foreign)}")
    if user.erased_at:
        raise AccountErased
    changed = {name: value for name, value in changes.items() if getattr(user, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(user, name, value)
        save_unless_taken(user, update_fields=list(changed))
    return user


@transaction.atomic
def activate(user: User, *, actor: User, expected_version: int | None = None) -> User:
    """Let a deactivated account in again. One that is active stays as it is. Raises AccountErased."""
    user = _lock(user, actor=actor, operation="user.activate", expected_version=expected_version)
    if user.erased_at:
        raise AccountErased
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
    return user


@transaction.atomic
def shut_out(user: User, *, actor: User, expected_version: int | None = None) -> User:
    """Deactivate an account: every sign-in ends at once, every mailed link is void. An inactive one stays as it is.

    Raises OwnAccount, LastAdmin and Refused, also where the actor was shut out a moment before.
    """
    user = _lock(user, actor=actor, operation="user.deactivate", expected_version=expected_version)
    if user.pk == actor.pk:
        raise OwnAccount
    if not user.is_active:
        return user
    refuse_last_admin(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_all_sessions(user)
    void_mailed_links(user)
    return user


@transaction.atomic
def give_role(user: User, role: str, *, actor: User, reason: str = "", expected_version: int | None = None) -> User:
    """Give somebody else another of the appointed roles; every sign-in of theirs ends, and they are told.

    `reason` is a RoleReason, or nothing. Raises InvalidInput on `user_type` for a role that is not appointed, on
    either side of the change; OwnAccount, LastAdmin, AccountErased and Refused.
    """
    user = _lock(user, actor=actor, operation="user.change_role", expected_version=expected_version)
    if user.user_type == role:
        return user
    if user.pk == actor.pk:
        raise OwnAccount
    if user.erased_at:
        raise AccountErased
    if reason and reason not in RoleReason.values:
        raise InvalidInput({"reason": [_("Choose one of the reasons.")]})
    if not {user.user_type, role} <= roles.APPOINTED:
        raise InvalidInput({"user_type": [_("Patients and doctors have a profile beside the account.")]})
    refuse_last_admin(user)
    user.user_type = role
    user.save(update_fields=["user_type"])
    end_all_sessions(user)
    record(
        "change_role", actor=actor, entity="user", entity_id=user.pk, subject=user.pk, fields=[reason] if reason else []
    )
    notify("role_changed", to={"user": [user]}, context={"role": roles.Role(role).label})
    return user


def _lock(user: User, *, actor: User, operation: str, expected_version: int | None) -> User:
    return _compared(lock_beside_admins(user, actor=actor, operation=operation), expected_version)


def _compared(locked: User, expected_version: int | None) -> User:
    if expected_version is not None and locked.version != expected_version:
        raise StaleVersion
    return locked
