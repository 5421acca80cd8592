"""The table of roles, read against what is there."""

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command

from apps.accounts import roles
from apps.accounts.roles import ADMIN_PERMISSIONS, LETTERS, OPERATIONS, RIGHTS, Role
from medivoy.api import matrix

ROOT = Path(settings.BASE_DIR)
PAGE = ROOT / "docs" / "roles.md"
# Permissions of pages that show no model.
PAGES = {"accounts.view_roles"}

# Where a role is named outside the table, and why it must be; `visible_to` may everywhere in models.
NAMED = {
    "apps/accounts/roles.py": "the table itself",
    "apps/accounts/models/user.py": "the column, and the questions that look it up in the table",
    "apps/accounts/admin/user.py": "shows the role, and offers those whom the table lets admins appoint",
    "apps/accounts/admin/user_actions.py": "offers another role, of those whom the table lets admins appoint",
    "apps/accounts/api/profiles.py": "which row stands beside an account of which role",
    "apps/accounts/api/viewsets.py": "which service signs whom up, of those whom the table lets sign up",
    "apps/accounts/api/user_serializers.py": "whom an admin makes: whom the table lets them appoint, and doctors",
    "apps/accounts/api/user_viewsets.py": "an account of a doctor gets its profile beside it",
    "apps/accounts/services/registration.py": "writes the role, if the table lets it sign up",
    "apps/accounts/services/staff.py": "writes the role, if the table lets admins appoint it",
    "apps/accounts/services/users.py": "writes another role, if the table lets admins appoint it",
    "apps/billing/services/adjustments.py": "who made an adjustment earlier; the roles are read from the table",
    "apps/bookings/moves.py": "the tables of moves in states.py are by role",
    "apps/bookings/services/export.py": "says in which role somebody wrote on a timeline",
    "apps/clinical/services/emergency.py": "says to the patient in which role somebody read",
    "apps/clinical/services/registration.py": "makes accounts of patients",
    "apps/hospitals/services/registration.py": "makes accounts of doctors",
    "medivoy/demo/catalogue.py": "makes accounts",
    "medivoy/demo/people.py": "makes accounts",
}
ROW_RULES = {"visible_to", "opening_to"}


@pytest.mark.parametrize("line", [*OPERATIONS.items(), *RIGHTS.items(), *ADMIN_PERMISSIONS.items()])
def test_every_line_is_written_in_letters_that_mean_something(line):
    operation, words = line

    assert "." in operation
    assert words in (roles.ANYONE, roles.SIGNED_IN) or set(words.split()) <= set(LETTERS)


def test_no_name_stands_in_two_tables():
    names = [*OPERATIONS, *RIGHTS, *ADMIN_PERMISSIONS]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("permission", sorted(set(ADMIN_PERMISSIONS) - PAGES))
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
    managing = [name for name in ADMIN_PERMISSIONS if "_user" in name and ".view_" not in name]

    assert managing
    assert {ADMIN_PERMISSIONS[name] for name in managing} == {"A"}


@pytest.mark.parametrize("role", Role)
def test_what_is_not_in_the_table_nobody_may(role):
    with pytest.raises(KeyError):
        roles.role_may(role, "booking.delete_everything")
    assert not roles.has_admin_permission(role, "accounts.delete_user")
    assert not roles.has_admin_permission(role, "booking.list")


# --- nothing else names a role -----------------------------------------------------------------------------------


def sources():
    for top in ("apps", "medivoy"):
        for file in sorted((ROOT / top).rglob("*.py")):
            if "migrations" not in file.parts:
                yield str(file.relative_to(ROOT)), ast.parse(file.read_text())


def names_a_role(node):
    if isinstance(node, ast.Attribute):
        is_member = isinstance(node.value, ast.Name) and node.value.id == "Role" and node.attr.isupper()
        return is_member or node.attr in ("user_type", "has_role")
    return isinstance(node, ast.keyword) and "user_type" in (node.arg or "")


def mentions(node, *, in_models):
    """The lines below `node` that name a role; the rules of rows aside, where those are models."""
    for child in ast.iter_child_nodes(node):
        if in_models and isinstance(child, ast.FunctionDef) and child.name in ROW_RULES:
            continue
        if names_a_role(child):
            yield getattr(child, "lineno", 0) or child.value.lineno
        yield from mentions(child, in_models=in_models)


def test_t16_no_role_is_named_outside_the_table():
    """T16: who may do something is asked of the table, by the operation's name; only the rules of rows name roles."""
    found = {file: sorted(mentions(tree, in_models="/models/" in file)) for file, tree in sources()}
    named = {file: lines for file, lines in found.items() if lines}

    assert {file: lines for file, lines in named.items() if file not in NAMED} == {}
    assert set(NAMED) - set(named) == set(), "these name no role any more"


def test_every_right_is_asked_for():
    """What nobody asks for lets nobody do anything."""
    texts = {node.value for _file, tree in sources() for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    made = {f"timeline.write_for_{who}" for who in ("patient", "hospital", "staff")}

    assert {name for name in RIGHTS if name not in texts | made and not name.startswith("override.")} == set()


# --- printed -----------------------------------------------------------------------------------------------------


def printed(*args, **options):
    out = StringIO()
    call_command("roles", *args, stdout=out, **options)
    return out.getvalue()


def test_who_may_cancel_a_booking_is_one_line():
    lines = printed("booking.destroy").splitlines()
    table = (ROOT / "apps/accounts/roles.py").read_text().splitlines()

    assert lines[0].startswith("booking.destroy  Cancel a booking")
    assert "patient, hospital administrator, coordinator, administrator (P H C A)" in lines[1]
    file, number = lines[2].strip().split(":")
    assert file == "apps/accounts/roles.py"
    assert '"booking.destroy"' in table[int(number) - 1]
    assert "DELETE /api/v1/bookings/{pk}" in lines[3]
    assert "Booking.visible_to: A patient's own" in printed("booking.destroy")


def test_it_is_found_by_a_word_too():
    assert printed("cancel a booking") == printed("booking.destroy")
    assert {"booking.destroy", "booking.cancellation_preview"} <= set(printed("cancel").split())


def test_an_unknown_word_is_said_to_be_one():
    with pytest.raises(CommandError, match="unicorn"):
        printed("unicorn")


@pytest.mark.parametrize("rule", matrix.everything(), ids=lambda rule: rule.name)
def test_every_place_it_names_is_there(rule):
    for place in (rule.written, rule.view, rule.policy, rule.moves, *rule.rows, *rule.references.values()):
        if place:
            line = (ROOT / place.file).read_text().splitlines()[place.line - 1]
            assert place.name.rpartition(".")[2] in line or line.lstrip().startswith("@"), place


@pytest.mark.parametrize("rule", matrix.operations(), ids=lambda rule: rule.name)
def test_a_route_to_a_row_says_who_sees_the_row(rule):
    """T16: one that names no rule of rows has no id in its address, or a secret in its place."""
    secrets = {"medical_record.file", "payment.checkout_page", "payment.checkout"}

    assert rule.rows or rule.name in secrets or not any("{" in route for route in rule.routes)


@pytest.mark.parametrize("role", Role)
def test_a_role_is_told_all_that_it_may_do(role):
    names = {line.split()[0] for line in printed(role=role.value).splitlines() if line.strip() and "●" in line}

    assert names == {rule.name for rule in matrix.everything() if role in rule.roles}


def test_the_page_in_the_documents_is_up_to_date():
    assert PAGE.read_text() == printed(markdown=True), "run manage.py roles --markdown > docs/roles.md"
