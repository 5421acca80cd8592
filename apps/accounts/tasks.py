"""What the clock does for the accounts, and what is done after a commit of theirs."""

from datetime import timedelta

from celery import shared_task

from apps.accounts.services.audit_chain import seal_entries
from apps.accounts.services.audit_copies import copy_entries
from apps.accounts.services.audit_heads import export_head
from apps.accounts.services.cleanup import forget_finished
from apps.accounts.services.export import MAKE, remove_orphans, throw_away_outdated
from apps.accounts.services.session_copies import copy_sign_ins
from apps.accounts.services.sessions import COPY
from apps.billing.services.export import make_exports
from medivoy.core.context import writing
from medivoy.core.mongo import Away
from medivoy.core.schedule import scheduled


@shared_task(name=COPY)
def copy_changed() -> None:
    """Copy to MongoDB which sign-ins live."""
    copy_now()


@scheduled("accounts.sweep_sign_ins", every=timedelta(minutes=1))
def sweep_sign_ins() -> str:
    """Copy what no wake-up reached, what was last seen at work since, and what MongoDB was away for."""
    return copy_now()


def copy_now() -> str:
    """Copy, and say how that went."""
    try:
        return f"{copy_sign_ins()} sign-ins copied"
    except Away:
        return "MongoDB is away, sign-ins wait"


@scheduled("accounts.seal_audit", every=timedelta(minutes=1))
def seal_audit() -> str:
    """Number and chain what was added to the audit trail, and export the head."""
    count = seal_entries()
    away = export_head()
    return f"{count} entries sealed" + "".join(f", {name} is away" for name in away)


@scheduled("accounts.copy_audit", every=timedelta(minutes=1))
def copy_audit() -> str:
    """Copy to MongoDB what was sealed."""
    try:
        return f"{copy_entries()} entries copied"
    except Away:
        return "MongoDB is away, entries wait"


@scheduled("accounts.cleanup", cron="20 3 * * *")
def cleanup() -> str:
    """Forget sign-ins and links that are long over."""
    with writing(None):
        return f"{forget_finished()} rows deleted"


@shared_task(name=MAKE)
def make_wanted_exports() -> None:
    """Make the copies of their data that people have asked for."""
    make_exports()


@scheduled("accounts.exports", every=timedelta(minutes=5))
def sweep_exports() -> str:
    """Make what no wake-up reached or what broke before; delete what lay ready long enough and what nobody owns."""
    gone = throw_away_outdated() + remove_orphans()
    return f"{make_exports()} made, {gone} deleted"
