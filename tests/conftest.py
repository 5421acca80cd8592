"""What every test may use. The servers are started by tests/services.py, before the settings are read."""

import uuid

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from hypothesis import HealthCheck, settings

from medivoy.api import health
from medivoy.api.limit_stores import stores
from tests import canaries, figures
from tests.client import ApiClient

settings.register_profile(
    "medivoy",
    max_examples=figures.EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("medivoy")


@pytest.fixture(scope="session", autouse=True)
def no_canaries():
    """Fail the run where a password, a token or a clinical word got into the log, Redis or MongoDB (T60, T61)."""
    with canaries.watch() as watch:
        yield watch
    finds = watch.finds + canaries.left_in_stores()
    assert not finds, "\n".join(["canaries got out:", *finds])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let the audit trail of the tests refuse an entry with a canary in it, at once (T61)."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(canaries.REFUSAL)


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
    """Each test begins with nothing counted, with Redis awake, and knows nothing yet of the stores' health."""
    settings.LIMIT_PREFIX = f"{settings.RUN}:{uuid.uuid4().hex[:8]}:"
    stores.wake()
    health.findings.forget()
