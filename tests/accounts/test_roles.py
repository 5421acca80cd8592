"""The table of roles, read against what is there."""

import pytest
from django.apps import apps

from apps.accounts import roles
from apps.accounts.roles import ADMIN_PERMISSIONS, OPERATIONS, Role

LETTERS = {"P", "D", "H", "C", "T", "A"}


@pytest.mark.parametrize("line", [*OPERATIONS.items(), *ADMIN_PERMISSIONS.items()])
def test_every_line_is_written_in_letters_that_mean_something(line):
    operation, words = line

    assert "." in operation
    assert words in (roles.ANYONE, roles.SIGNED_IN) or set(words.split()) <= LETTERS


@pytest.mark.parametrize("permission", ADMIN_PERMISSIONS)
def test_every_permission_is_of_a_model_that_there_is(permission):
    app, _, name = permission.partition(".")
    verb, _, model = name.partition("_")

    assert verb
    assert apps.get_model(app, model)


def test_only_staff_has_permissions_in_the_console():
    for permission, words in ADMIN_PERMISSIONS.items():
        assert roles.read_letters(words) <= roles.STAFF, permission


def test_who_may_change_may_look():
    for permission, words in ADMIN_PERMISSIONS.items():
        app, _, name = permission.partition(".")
        looking = f"{app}.view_{name.partition('_')[2]}"
        assert roles.read_letters(words) <= roles.read_letters(ADMIN_PERMISSIONS[looking]), permission


def test_t15_only_admins_manage_users():
    """T15."""
    managing = [name for name in ADMIN_PERMISSIONS if name.startswith("accounts.") and ".view_" not in name]

    assert managing
    assert {ADMIN_PERMISSIONS[name] for name in managing} == {"A"}


@pytest.mark.parametrize("role", Role)
def test_what_is_not_in_the_table_nobody_may(role):
    with pytest.raises(KeyError):
        roles.role_may(role, "booking.delete_everything")
    assert not roles.has_admin_permission(role, "accounts.delete_user")
    assert not roles.has_admin_permission(role, "booking.list")
