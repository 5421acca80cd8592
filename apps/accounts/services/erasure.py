"""Taking a person out of their account: the row stays, because cases and invoices name it; who it was does not."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.files.storage import Storage
from django.db import transaction

from apps.accounts.models import AccountExport, Totp, User
from apps.accounts.services.mailed_secrets import forget_mailed_links
from apps.accounts.services.sessions import end_all_sessions
from medivoy.core import clock

# An address to which no mail ever goes (RFC 2606).
NOWHERE = "erased.invalid"


def pseudonymise(user: User) -> None:
    """Empty the account of `user`, whose row the caller holds locked, and everything that only served it.

    Its sign-ins end at once and say no more from where they came; they are forgotten with other old ones, once the
    copy in MongoDB is gone, too.
    """
    end_all_sessions(user)
    user.refresh_tokens.update(ip=None, user_agent="", is_copied=False)
    forget_mailed_links(user)
    Totp.objects.filter(user=user).delete()
    user.recovery_codes.all().delete()
    _drop_exports(user)
    _empty(user)


def delete_after_commit(storage: Storage, names: Iterable[str]) -> None:
    """Delete files once the open transaction is committed: one that is rolled back has lost nothing."""
    for name in names:
        transaction.on_commit(partial(storage.delete, name), robust=True)


def _drop_exports(user: User) -> None:
    storage: Storage = AccountExport._meta.get_field("file").storage
    # Locked: no worker takes one, or hands its file over, between reading where it lies and forgetting it.
    exports = list(AccountExport.objects.filter(user=user).select_for_update(of=("self",)))
    delete_after_commit(storage, [export.stored_as for export in exports])
    AccountExport.objects.filter(user=user).delete()


def _empty(user: User) -> None:
    emptied: dict[str, Any] = {
        "email": f"erased-{user.pk}@{NOWHERE}",
        "phone": None,
        "password": make_password(None),
        "first_name": "",
        "last_name": "",
        "profile_picture": "",
        "preferred_language": "en",
        "timezone": "UTC",
        "spoken_languages": [],
        "away_until": None,
        "last_login": None,
        "is_verified": False,
        "is_active": False,
        "erased_at": clock.now(),
    }
    for name, value in emptied.items():
        setattr(user, name, value)
    user.save(update_fields=list(emptied))
