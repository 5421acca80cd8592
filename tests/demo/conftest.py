"""The demo world, made once for the whole folder, because it takes half a minute."""

import pytest
from django.db.models import Max

from apps.accounts.models import AuditEntry
from medivoy.core.jobs import WakeUps
from medivoy.demo.management.commands.seed_demo import clear
from medivoy.demo.world import build


@pytest.fixture(scope="package")
def newest_before_world(django_db_setup, django_db_blocker):
    """The last entry of the audit trail before the world was made."""
    with django_db_blocker.unblock():
        return AuditEntry.objects.aggregate(newest=Max("pk"))["newest"] or 0


@pytest.fixture(scope="package")
def world(newest_before_world, django_db_setup, django_db_blocker):
    """What was said while the world was made; it is committed, and gone when the folder is done."""
    said = []
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(WakeUps, "send", lambda *_: False)
        try:
            build(said.append)
            yield said
        finally:
            clear()
