"""Accounts that an admin makes: nobody signs up for these roles."""

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import roles
from apps.accounts.errors import LastAdmin
from apps.accounts.models import User
from apps.accounts.models.user import normalize_email
from apps.accounts.roles import Role
from apps.accounts.services.invitations import mail_invitation
from apps.accounts.services.registration import save_unless_taken
from medivoy.core.errors import Conflict, InvalidInput, Refused


class AdminExists(Conflict):
    """Whoever administers the platform makes the next administrators."""

    code = "admin_exists"
    message = _("There is an active administrator already.")


@transaction.atomic
def appoint(user: User, *, actor: User) -> User:
    """Store the new account `user`, and mail its owner a link to set the password that nobody else ever knows.

    Only for roles.APPOINTED: patients sign up or are enrolled, and doctors have a profile beside the account (T1).
    Raises Refused where `actor` makes no accounts, InvalidInput for another role, and AlreadyRegistered.
    """
    if user.user_type not in roles.APPOINTED:
        _refuse_unless_makes_accounts(actor)
        raise InvalidInput({"user_type": [_("Patients and doctors have a profile beside the account.")]})
    return make_invited(user, actor=actor)


def make_invited(user: User, *, actor: User) -> User:
    """Store `user`, without a password, and invite them. The caller opens the transaction and has judged the role.

    Raises Refused where `actor` makes no accounts, and AlreadyRegistered.
    """
    _refuse_unless_makes_accounts(actor)
    user.password = make_password(None)
    save_unless_taken(user)
    mail_invitation(user, invited_by=actor)
    return user


@transaction.atomic
def make_first_admin(email: str) -> User:
    """Make the administrator of a platform that has none, and mail them their invitation, again where asked again.

    Raises AdminExists where there is another, or this one has set the password; AlreadyRegistered where the address
    belongs to somebody. Of two at once one makes it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('accounts.first_admin', 0))")
    admins = list(User.objects.admins().locked().order_by("pk"))
    user = User(email=normalize_email(email), user_type=Role.ADMIN, password=make_password(None))
    if not admins:
        save_unless_taken(user)
    elif [admin.email for admin in admins] == [user.email] and not admins[0].has_usable_password():
        user = admins[0]
    else:
        raise AdminExists
    mail_invitation(user, invited_by=user)
    return user


def lock_beside_admins(user: User, *, actor: User, operation: str) -> User:
    """Lock `user` and `actor`, of an admin who goes every active admin, in the order of their ids; return `user` fresh.

    So of two admins who put each other out one comes second, and sees what the first did; and of two who leave at once
    the second finds nobody left. Whoever acts on somebody else stays behind, and keeps nobody waiting but these two.
    Raises Refused where `actor` may do `operation` no longer.
    """
    users = User.objects.locked().order_by("pk")
    leaves = user.pk == actor.pk and user.has_role(Role.ADMIN)
    users = users.beside_admins(user.pk) if leaves else users.filter(pk__in={user.pk, actor.pk})
    rows = {row.pk: row for row in users}
    if not rows[actor.pk].may(operation):
        raise Refused
    return rows[user.pk]


def refuse_last_admin(user: User) -> None:
    """Raise LastAdmin where nobody but `user` administers the platform. The caller holds `lock_beside_admins`, by which
    either whoever acts is another admin, or every admin is locked."""
    if user.is_active and user.has_role(Role.ADMIN) and not User.objects.admins().exclude(pk=user.pk).exists():
        raise LastAdmin


def _refuse_unless_makes_accounts(actor: User) -> None:
    if not actor.may("accounts.add_user"):
        raise Refused
