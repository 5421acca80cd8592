"""A person's copy of all that is held on them: asked for here, made by a worker, thrown away by the clock.

What goes into it is gathered in the uppermost app, apps/billing/services/export.py.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Q

from apps.accounts.errors import TooManyExports
from apps.accounts.models import AccountExport, AuditEntry, ExportState, User
from apps.accounts.models.export import FOLDER
from apps.accounts.services.devices import device_label
from apps.accounts.services.file_links import Kind
from apps.notifications.services.outbox import notify
from medivoy.core import clock, jobs
from medivoy.core.archive import Archive
from medivoy.core.context import writing

# The task that makes them.
MAKE = "accounts.make_exports"
# One that a worker took and did not finish is taken by another after this long; more than any ever takes.
LEASE = timedelta(minutes=20)
LINK = Kind("accounts.export-link", "export", "/auth/exports/{id}/file")


@transaction.atomic
def request_export(user: User) -> AccountExport:
    """Ask for a copy of all that is held on `user`; the one that is being made, where there is one.

    Raises TooManyExports beyond EXPORTS_A_DAY in 24 hours.
    """
    user = User.objects.locked().get(pk=user.pk)
    waiting = user.exports.waiting().first()
    if waiting is not None:
        return waiting
    if user.exports.filter(created_at__gt=clock.now() - timedelta(days=1)).count() >= settings.EXPORTS_A_DAY:
        raise TooManyExports
    export = AccountExport.objects.create(user=user)
    jobs.after_commit(MAKE)
    return export


def claim_export() -> AccountExport | None:
    """Take a copy that waits to be made; None where there is none. Whoever took it and died has LEASE.

    One that was tried EXPORT_MAX_ATTEMPTS times in vain is given up, and its owner is told.
    """
    idle = Q(attempts=0) | Q(updated_at__lt=clock.now() - LEASE)
    with writing(None):
        waiting = AccountExport.objects.waiting().filter(idle).select_for_update(skip_locked=True, of=("self",))
        for export in waiting.select_related("user").order_by("created_at"):
            if export.attempts >= settings.EXPORT_MAX_ATTEMPTS or not export.user.is_active:
                _give_up(export)
                continue
            # What a worker left that died after it had stored the file.
            _delete_after_commit(export)
            export.attempts += 1
            export.save(update_fields=["attempts"])
            return export
    return None


def keep_file(export: AccountExport, content: IO[bytes]) -> bool:
    """Store what was made of a claimed export and tell its owner; return whether it was still wanted.

    It is not where the account was erased meanwhile, or where another worker has taken it over. The file may be of
    gigabytes: it is stored before the transaction opens. Where its row does not take it, it goes again; where the
    process dies in between, the next claim or remove_orphans deletes it.
    """
    name, kept = export.stored_as, False
    try:
        name = _storage().save(name, File(content))
        kept = _hand_over(export, name)
    finally:
        if not kept:
            _storage().delete(name)
    return kept


def _hand_over(export: AccountExport, name: str) -> bool:
    """Give the stored file to the row, if the claim still holds; return whether it does."""
    with writing(None):
        waiting = AccountExport.objects.waiting().select_for_update(of=("self",)).select_related("user")
        current = waiting.filter(pk=export.pk, attempts=export.attempts).first()
        if current is None:
            return False
        current.file.name = name
        current.state, current.made_at = ExportState.READY, clock.now()
        current.expires_at = current.made_at + settings.EXPORT_LIFETIME
        current.save(update_fields=["file", "state", "made_at", "expires_at"])
        hours = int(settings.EXPORT_LIFETIME.total_seconds() // 3600)
        _tell(current, "export_ready", hours=hours)
    return True


def throw_away_outdated() -> int:
    """Delete the files whose time is over; return how many."""
    with writing(None):
        outdated = list(AccountExport.objects.outdated().select_for_update(skip_locked=True, of=("self",)))
        for export in outdated:
            _delete_after_commit(export)
            export.state, export.file = ExportState.GONE, ""
            export.save(update_fields=["state", "file"])
    return len(outdated)


def remove_orphans() -> int:
    """Delete stored files that no row owns; return how many went.

    A worker leaves one that dies after it stored the file of an account that was erased meanwhile.
    """
    # In this order: whoever stores one has claimed its row before.
    stored = list(_stored())
    owned = {export.stored_as for export in AccountExport.objects.holding_files()}
    orphans = set(stored) - owned
    for name in orphans:
        _storage().delete(name)
    return len(orphans)


def add_account(archive: Archive, user: User) -> None:
    """Add the account itself, where it is signed in, what links were mailed to it, and what the trail has of it."""
    archive.add_object("account.json", _account(user))
    archive.add_rows("sign_ins.json", _sign_ins(user))
    archive.add_rows("mailed_links.json", _mailed_links(user))
    archive.add_rows("trail.json", _trail(user))


def _account(user: User) -> dict[str, Any]:
    names = (
        "id",
        "email",
        "phone",
        "user_type",
        "first_name",
        "last_name",
        "profile_picture",
        "preferred_language",
        "timezone",
        "spoken_languages",
        "away_until",
        "is_verified",
        "last_login",
        "created_at",
        "updated_at",
    )
    return {name: getattr(user, name) for name in names} | {"has_second_factor": user.has_second_factor}


def _sign_ins(user: User) -> Iterator[dict[str, Any]]:
    for link in user.refresh_tokens.order_by("family", "-created_at").distinct("family"):
        yield {
            "device": device_label(link.user_agent),
            "user_agent": link.user_agent,
            "ip": link.ip,
            "signed_in_at": link.signed_in_at,
            "last_activity_at": link.last_activity_at,
            "second_factor": link.second_factor,
            "is_live": link.is_live,
        }


def _mailed_links(user: User) -> Iterator[dict[str, Any]]:
    kinds = {
        "invitation": user.invitations,
        "password_reset": user.passwordresets,
        "email_verification": user.emailverifications,
        "email_change": user.emailchanges,
    }
    for kind, links in kinds.items():
        for link in links.order_by("created_at"):
            yield {
                "kind": kind,
                "address": link.email,
                "created_at": link.created_at,
                "expires_at": link.expires_at,
                "is_used": link.is_used,
            }


def _trail(user: User) -> Iterator[dict[str, Any]]:
    """What they did, and from where; what was done with their data, without who did it: patients see that of records
    in their access log."""
    own = str(user.pk)
    for entry in AuditEntry.objects.of_person(user.pk).order_by("pk").iterator(chunk_size=2000):
        is_own = entry.actor == own
        yield {
            "happened_at": entry.happened_at,
            "by": "you" if is_own else "somebody else",
            "action": entry.action,
            "entity_type": entry.entity_type,
            "entity_id": entry.entity_id,
            "ip": entry.ip if is_own else None,
            "user_agent": entry.user_agent if is_own else "",
        }


def _give_up(export: AccountExport) -> None:
    _delete_after_commit(export)
    export.state = ExportState.FAILED
    export.save(update_fields=["state"])
    _tell(export, "export_failed")


def _tell(export: AccountExport, event: str, **context: Any) -> None:
    notify(event, to={"user": [export.user]}, reference=("account_export", export.pk), context=context)


def _delete_after_commit(export: AccountExport) -> None:
    transaction.on_commit(partial(_storage().delete, export.stored_as), robust=True)


def _stored() -> Iterator[str]:
    storage = _storage()
    try:
        people, _files = storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    for user_id in people:
        _folders, names = storage.listdir(f"{FOLDER}/{user_id}")
        yield from (f"{FOLDER}/{user_id}/{name}" for name in names)


def _storage() -> Storage:
    storage: Storage = AccountExport._meta.get_field("file").storage
    return storage
