"""What every test may use. The servers are started by tests/services.py, before the settings are read."""

from hypothesis import HealthCheck, settings

from tests import figures

settings.register_profile(
    "medivoy",
    max_examples=figures.EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("medivoy")
