import os

import pytest

from medivoy.embedded import environment


@pytest.fixture
def empty_environment(monkeypatch, tmp_path):
    for name in ("SECRET_KEY", "TOKEN_KEY", "FIELD_KEYS", "SANDBOX_WEBHOOK_SECRET", "DATABASE_URL", "VAR_DIR"):
        monkeypatch.delenv(name, raising=False)
    # Whatever the code sets is taken back after the test.
    monkeypatch.setattr(os, "environ", os.environ.copy())
    return tmp_path


def test_secrets_are_made_once_long_and_private(empty_environment):
    environment.load_environment(empty_environment, create=True)
    made = os.environ["SECRET_KEY"]
    assert len(made) >= 50
    assert (empty_environment / "var" / environment.SECRETS).stat().st_mode & 0o077 == 0
    del os.environ["SECRET_KEY"]
    environment.load_environment(empty_environment, create=True)
    assert os.environ["SECRET_KEY"] == made


def test_nothing_is_made_unless_asked(empty_environment):
    environment.load_environment(empty_environment, create=False)
    assert "SECRET_KEY" not in os.environ
    assert not (empty_environment / "var").exists()


def test_a_configured_environment_is_left_alone(empty_environment):
    environment.load_environment(empty_environment, create=True)
    for name in ("SECRET_KEY", "TOKEN_KEY"):
        del os.environ[name]
    os.environ["SECRET_KEY"] = "of the server's operator"
    environment.load_environment(empty_environment, create=False)
    assert "TOKEN_KEY" not in os.environ
    assert os.environ["SECRET_KEY"] == "of the server's operator"


def test_other_commands_find_a_running_platform_and_no_dead_one(empty_environment):
    var = empty_environment / "var"
    var.mkdir()
    environment.own_secrets(var)
    environment.write_variables(var / environment.RUNNING, {"DATABASE_URL": "postgres://here"})
    environment.load_environment(empty_environment, create=False)
    assert "DATABASE_URL" not in os.environ
    del os.environ["SECRET_KEY"]
    with environment.Lock(var):
        environment.load_environment(empty_environment, create=False)
    assert os.environ["DATABASE_URL"] == "postgres://here"


def test_the_lock_is_held_by_one(tmp_path):
    with environment.Lock(tmp_path), pytest.raises(environment.AlreadyRunning, match=str(os.getpid())):
        environment.Lock(tmp_path).__enter__()
    with environment.Lock(tmp_path):
        pass
