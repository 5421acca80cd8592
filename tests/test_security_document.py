"""docs/security.md: every point of the standard's levels 1 and 2 has its state, and every file that it names exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/security.md").read_text()
# Section: points of levels 1 and 2, by the standard's version 5.0.0.
POINTS = """
1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1-1 3.2:1-2 3.3:1-4 3.4:1-6 3.5:1-5 3.7:1-2
4.1:1-3 4.2:1-1 4.3:1-2 4.4:1-4 5.1:1-1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3
6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3 8.3:1-1 8.4:1-1 9.1:1-3 9.2:1-4 10.1:1-2
10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1-1 11.6:1-1
12.1:1-3 12.2:1-2 12.3:1-4 13.1:1-1 13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3
15.3:1-7 16.1:1-1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 17.1:1-1 17.2:1-4 17.3:1-2
"""
STATES = ("held", "n/a", "open")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if re.match(r"\| V\d+\.", line)
]
FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.\w+|[\w-]*\.?[\w-]+\.(?:md|cfg|toml)|\.\w+(?:\.\w+)?|bin/\w+)`")


def every_point():
    for section, first, last in re.findall(r"([\d.]+):(\d+)-(\d+)", POINTS):
        yield from (f"V{section}.{number}" for number in range(int(first), int(last) + 1))


def test_every_point_has_one_row_in_its_order():
    assert [point for point, *_rest in ROWS] == list(every_point())
    assert len(ROWS) == 253


def test_every_row_has_a_level_a_state_and_a_reason():
    for point, level, about, state, where in ROWS:
        assert level in ("1", "2"), point
        assert about, point
        assert state in STATES, point
        assert where, point


def test_the_sum_is_right():
    counts = [sum(state == row[3] for row in ROWS) for state in STATES]
    assert "{} held, {} not applicable, {} open".format(*counts) in TEXT


@pytest.mark.parametrize("name", sorted(set(FILE.findall(TEXT))))
def test_every_file_that_is_named_is_there(name):
    assert (ROOT / name).is_file()


def test_names_of_files_are_found():
    assert {"SECURITY.md", "setup.cfg", ".env.example", "bin/audit", "medivoy/refusals.py"} <= set(FILE.findall(TEXT))


def test_whoever_reports_is_told_that_the_address_is_to_be_replaced():
    text = (ROOT / "SECURITY.md").read_text()
    assert "medivoy.test" in text
    assert "placeholder" in text
