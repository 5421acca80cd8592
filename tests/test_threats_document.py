"""docs/threats.md: every number is there, its file is there, and its tests are there and name the number."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LATER = ("comes with its app", "comes with identity and audit")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(?:(\w+)::)?(\w+)`")
ROWS = {
    cells[0]: cells[1:]
    for line in (ROOT / "docs/threats.md").read_text().splitlines()
    if re.match(r"\| T\d", line)
    for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
}


def within(node, name):
    """Return the class or function of that name right below `node`."""
    found = [child for child in node.body if getattr(child, "name", None) == name]
    assert found, f"there is no {name}"
    return found[0]


def words_of(path, group, name):
    """Return what a test says of itself: its name and docstring, and those of what it stands in."""
    module = ast.parse((ROOT / path).read_text())
    around = [module, within(module, group)] if group else [module]
    test = within(around[-1], name)
    return " ".join([name, *(ast.get_docstring(node) or "" for node in [*around, test])])


def test_every_number_has_its_row():
    assert list(ROWS) == [f"T{number}" for number in range(1, 72)]


@pytest.mark.parametrize("number", ROWS)
def test_the_tests_of_a_row_name_its_number(number):
    _tried, happens, held_in, shown_by = ROWS[number]
    if shown_by in LATER:
        assert not happens + held_in
        return
    assert (ROOT / held_in.strip("`")).is_file()
    tests = TEST.findall(shown_by)
    assert tests
    for test in tests:
        words = words_of(*test).replace("_", " ")
        assert re.search(rf"\b{number}\b", words, re.IGNORECASE), f"{test} does not name {number}"
