"""Whatever the code tells the audit trail has a name there, so that it can be filtered by and read."""

import ast
from importlib import import_module
from pathlib import Path

from django.conf import settings

from apps.accounts.audit_words import ACTIONS, audited_models, kinds

ROOT = Path(settings.BASE_DIR)
CALLS = {"record", "record_reads"}


def tellers():
    """Yield the modules that tell the trail something, with their source."""
    for top in ("apps", "medivoy"):
        for file in sorted((ROOT / top).rglob("*.py")):
            source = file.read_text()
            if "apps.accounts.services.audit import" in source:
                yield import_module(".".join(file.relative_to(ROOT).with_suffix("").parts)), ast.parse(source)


def said(module, node):
    """Return the text that an argument is; None where only the running code knows."""
    if isinstance(node, ast.Constant):
        return node.value
    value = getattr(module, node.id, None) if isinstance(node, ast.Name) else None
    return value if isinstance(value, str) else None


def told():
    """Return the actions and the kinds of row that stand in calls, literally or by a constant's name."""
    actions, entities = set(), set()
    for module, tree in tellers():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if getattr(call.func, "id", "") not in CALLS:
                continue
            named = {given.arg: given.value for given in call.keywords}
            is_read = call.func.id == "record_reads"
            actions.add(said(module, named.get("action") or (ast.Constant("read") if is_read else call.args[0])))
            entities.add(said(module, call.args[0] if is_read else named.get("entity", ast.Constant(""))))
    return actions - {None}, entities - {None, ""}


def test_every_action_and_every_kind_of_row_in_a_call_has_its_word():
    actions, entities = told()
    assert {"sign_in", "refuse", "reset"} <= actions, "the search finds what is there"
    assert actions - set(ACTIONS) == set()
    assert entities - set(kinds()) == set()


def test_every_audited_table_is_a_kind():
    assert {"booking", "user", "medical_record"} <= set(audited_models()) <= set(kinds())
    assert max(map(len, kinds())) + 1 + 36 <= 64, "a kind and an id fit into the entry of a look"
