"""Which tests one process runs one after the other, because they share what is slow to make.

pytest-xdist's own marker for it, `xdist_group`, is passed over in silence by pytest 9.2 (pytest-xdist issue 1386).
"""

from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/demo/", "tests/e2e/", "tests/faults/", "tests/runtime/test_up.py")


class Together(LoadScopeScheduling):
    """Hands out the folders above whole, and every other test by itself."""

    def _split_scope(self, nodeid):
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)
