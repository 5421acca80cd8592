"""One platform for the whole folder, and its people signed in."""

import pytest

from tests.live import Platform

NAMES = ("patient", "patient2", "hospital", "hospital2", "doctor", "doctor2", "coordinator", "translator", "admin")


@pytest.fixture(scope="package")
def platform(django_db_setup, tmp_path_factory):
    with Platform(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.fixture(scope="package")
def people(platform):
    """Clients by name; `nobody` has not signed in."""
    return {name: platform.person(name) for name in NAMES} | {"nobody": platform.person()}
