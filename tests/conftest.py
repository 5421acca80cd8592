"""What every test may use. The servers are started by tests/services.py, before the settings are read."""

import uuid

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations
from hypothesis import HealthCheck, settings

from medivoy.api.limit_stores import stores
from tests import figures
from tests.client import ApiClient

settings.register_profile(
    "medivoy",
    max_examples=figures.EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("medivoy")


@pytest.fixture(scope="session", autouse=True)
def flush_past_the_triggers():
    """Let the flush after a test with real transactions empty the tables that refuse TRUNCATE to everyone else."""
    flush = DatabaseOperations.execute_sql_flush

    def without_triggers(self, sql_list):
        return flush(self, ["SET LOCAL session_replication_role = replica", *sql_list])

    DatabaseOperations.execute_sql_flush = without_triggers
    yield
    DatabaseOperations.execute_sql_flush = flush


@pytest.fixture
def api():
    """A client whom nobody knows; `api.as_(user)` is somebody."""
    return ApiClient()


@pytest.fixture(autouse=True)
def fresh_limits(settings):
    """Each test begins with nothing counted, and with Redis awake."""
    settings.LIMIT_PREFIX = f"{settings.RUN}:{uuid.uuid4().hex[:8]}:"
    stores.wake()
