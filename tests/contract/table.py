"""access.toml, read."""

import tomllib
from pathlib import Path

from tests.contract.world import ANYBODY, CALLERS

TABLE = tomllib.loads((Path(__file__).parent / "access.toml").read_text())


def expected_of(name: str) -> dict[str, str]:
    """Return what the operation answers, by caller."""
    assert name in TABLE["access"], f"{name} has no line in tests/contract/access.toml"
    cells = TABLE["access"][name].split()
    assert len(cells) == len(CALLERS), f"{name} has {len(cells)} cells for {len(CALLERS)} callers"
    return dict(zip(CALLERS, cells, strict=True))


def somebody_who_may(name: str) -> str:
    """Return the caller who may most: an admin where they may, else the first who is let in."""
    good = [caller for caller, cell in expected_of(name).items() if cell[0] in "23"]
    return "admin" if "admin" in good else next(caller for caller in [*good, ANYBODY])
