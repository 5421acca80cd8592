"""Forgetting what can no longer be used."""

from datetime import timedelta

from django.db import transaction

from apps.accounts.models import AccountExport, EmailChange, EmailVerification, Invitation, PasswordReset, RefreshToken
from medivoy.core import clock
from medivoy.core.session_store import SessionStore

KEPT = timedelta(days=30)


@transaction.atomic
def forget_finished() -> int:
    """Delete sign-ins, mailed links and copies of data that were over KEPT ago, and return how many rows went; and the
    console's sessions whose time is over."""
    SessionStore.clear_expired()
    before = clock.now() - KEPT
    kinds = (RefreshToken, PasswordReset, EmailVerification, EmailChange, Invitation, AccountExport)
    return sum(kind.objects.finished(before).delete()[0] for kind in kinds)
