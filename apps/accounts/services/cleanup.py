"""Forgetting what can no longer be used."""

from datetime import timedelta

from django.db import transaction

from apps.accounts.models import EmailVerification, PasswordReset, RefreshToken
from medivoy.core import clock

KEPT = timedelta(days=30)


@transaction.atomic
def forget_finished() -> int:
    """Delete sign-ins and mailed links that were over KEPT ago; return how many rows went."""
    before = clock.now() - KEPT
    kinds = (RefreshToken, PasswordReset, EmailVerification)
    return sum(kind.objects.finished(before).delete()[0] for kind in kinds)
