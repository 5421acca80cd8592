"""Programs that come with the operating system and not from a wheel: a browser, poppler."""

import os
import shutil

import pytest


def program(*names: str) -> str:
    """Return the path of the first of `names` that is installed.

    Without any the test is skipped, visibly; with REQUIRE_SYSTEM=1, as in CI, it fails.
    """
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    missing = f"{' or '.join(names)} is not installed on this machine"
    if os.environ.get("REQUIRE_SYSTEM") == "1":
        pytest.fail(missing)
    pytest.skip(missing)
