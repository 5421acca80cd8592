"""Tests that share something costly are run by one process: pytest 9.2 lets pytest-xdist 3.8 forget it, silently."""

import pytest

from tests.services import worker


@pytest.mark.xdist_group("groups")
def test_processes_know_the_groups(request):
    assert request.node.nodeid.endswith("@groups") == (worker() != "main")
