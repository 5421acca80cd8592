"""The kernel's tests ask a door of their own, and people without an app's help."""

import pytest

from apps.accounts import roles
from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.hospitals.models import Treatment
from tests.api import door


@pytest.fixture(autouse=True)
def door_is_open(settings, monkeypatch):
    """Serve the tests' own door, with its lines in the table of roles."""
    settings.ROOT_URLCONF = "tests.api.door"
    for operation, words in door.OPERATIONS.items():
        monkeypatch.setitem(roles.OPERATIONS, operation, words)
    monkeypatch.setattr(roles, "_ROLES_OF", roles._expand(roles.OPERATIONS | roles.RIGHTS | roles.ADMIN_PERMISSIONS))
    door.to_raise.clear()
    door.runs.clear()
    door.before_answer.clear()


def person(role, name, **fields):
    return User.objects.create(email=f"{name}@medivoy.test", user_type=role, is_verified=True, **fields)


@pytest.fixture
def patient(db):
    return person(Role.PATIENT, "patient")


@pytest.fixture
def other_patient(db):
    return person(Role.PATIENT, "patient2")


@pytest.fixture
def admin(db):
    return person(Role.ADMIN, "admin")


@pytest.fixture
def translator(db):
    return person(Role.TRANSLATOR, "translator")


@pytest.fixture
def treatments(db):
    """Five, with gaps in what they are ordered by."""
    rows = [
        Treatment(name=f"Treatment {n}", category=kind, duration_days=days)
        for n, (kind, days) in enumerate([("heart", 3), ("eye", None), ("heart", 1), ("", None), ("eye", 3)])
    ]
    return Treatment.objects.bulk_create(rows)
