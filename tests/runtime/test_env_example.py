"""Every variable that the settings read is documented in .env.example, and nothing else is."""

import ast
import re
from pathlib import Path

from django.conf import settings

# Read before the settings: by `manage.py up` and by the Makefile's scripts.
READ_ELSEWHERE = {"HOST", "PORT"}


def variables_of_settings() -> set[str]:
    tree = ast.parse(Path(settings.BASE_DIR, "medivoy", "settings.py").read_text())
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        reader = ast.unparse(node.func)
        if re.fullmatch(r"secret|env\.\w+", reader):
            found.add(node.args[0].value)
    return found


def documented() -> dict[str, str]:
    lines = Path(settings.BASE_DIR, ".env.example").read_text().splitlines()
    return dict(match.groups() for line in lines if (match := re.match(r"#? ?([A-Z][A-Z0-9_]+)=(.*)", line)))


def test_every_variable_of_the_settings_is_documented():
    assert variables_of_settings() - set(documented()) == set()


def test_nothing_is_documented_that_nobody_reads():
    assert set(documented()) - variables_of_settings() - READ_ELSEWHERE == set()


def test_the_example_holds_no_secret_that_would_be_accepted():
    for name in ("SECRET_KEY", "TOKEN_KEY", "FIELD_KEYS", "SANDBOX_WEBHOOK_SECRET"):
        assert documented()[name] == ""
