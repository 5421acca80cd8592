"""One platform for the whole folder."""

import pytest

from tests.live import Platform


@pytest.fixture(scope="package")
def platform(django_db_setup, tmp_path_factory):
    with Platform(tmp_path_factory.mktemp("platform")) as platform:
        yield platform
