"""T8, T69: what a server does not start with. Each case is a process of its own, as an operator would start it."""

import base64
import os
import secrets
import subprocess
import sys

import pytest
from django.conf import settings

from medivoy.embedded import environment

LOAD = "from django.conf import settings; print('started', settings.LOG_FORMAT)"
SECRET = secrets.token_urlsafe(48)
SAFE = {
    "DEBUG": "false",
    "SECRET_KEY": secrets.token_urlsafe(48),
    "TOKEN_KEY": SECRET,
    "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "ALLOWED_HOSTS": "care.medivoy.test",
    "PUBLIC_URL": "https://care.medivoy.test",
    "CORS_ALLOWED_ORIGINS": "https://app.medivoy.test",
    "DATABASE_URL": "postgres://medivoy:fjord-lantern-84@db:5432/medivoy",
}
ZERO_KEY = base64.urlsafe_b64encode(bytes(32)).decode()
TEST_KEY = "dGVzdC1ydW4tZmllbGQta2V5LTAxMjM0NTY3ODlhYmM="
MADE_HERE = "test-run-10-0123456789-abcdefghijklmnopqrstuvwxyz-9876543210"

# What is set otherwise than in SAFE, and what the refusal names.
UNSAFE = [
    ({"SECRET_KEY": ""}, "SECRET_KEY must be set"),
    ({"SECRET_KEY": SECRET[:49]}, "SECRET_KEY must be set"),
    ({"TOKEN_KEY": "short"}, "TOKEN_KEY must be set"),
    ({"TOKEN_KEY": f"change-me-{SECRET}"}, "TOKEN_KEY must be set"),
    ({"SECRET_KEY": f"django-insecure-{SECRET}"}, "SECRET_KEY must be set"),
    ({"SECRET_KEY": "x" * 60}, "SECRET_KEY must be set"),
    ({"SECRET_KEY": MADE_HERE}, "SECRET_KEY must be set"),
    ({"SECRET_KEY": SECRET}, "TOKEN_KEY and SECRET_KEY are the same"),
    ({"FIELD_KEYS": ""}, "FIELD_KEYS must be"),
    ({"FIELD_KEYS": "no key"}, "FIELD_KEYS must be"),
    ({"FIELD_KEYS": ZERO_KEY}, "FIELD_KEYS must be"),
    ({"FIELD_KEYS": TEST_KEY}, "FIELD_KEYS must be"),
    ({"FIELD_KEYS": f"{SAFE['FIELD_KEYS']},{SAFE['FIELD_KEYS']}"}, "FIELD_KEYS and FIELD_KEYS are the same"),
    ({"DEBUG": "true"}, "DEBUG shows"),
    ({"DEBUG": "true", "MEDIVOY_EMBEDDED": "true", "PUBLIC_URL": "http://127.0.0.1", "ALLOWED_HOSTS": "*"}, "DEBUG"),
    ({"PUBLIC_URL": "http://care.medivoy.test"}, "PUBLIC_URL must be"),
    ({"PUBLIC_URL": ""}, "PUBLIC_URL must be"),
    ({"MEDIVOY_LOCAL": "true", "PUBLIC_URL": "http://care.medivoy.test"}, "PUBLIC_URL must be"),
    ({"SECURE_COOKIES": "false"}, "SECURE_COOKIES"),
    ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must"),
    ({"ALLOWED_HOSTS": ".medivoy.test"}, "ALLOWED_HOSTS must"),
    ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must"),
    ({"CORS_ALLOWED_ORIGINS": "https://*.medivoy.test"}, "CORS_ALLOWED_ORIGINS must"),
    ({"CORS_ALLOWED_ORIGINS": "http://app.medivoy.test"}, "CORS_ALLOWED_ORIGINS must"),
    ({"CSRF_TRUSTED_ORIGINS": "https://*.medivoy.test"}, "CSRF_TRUSTED_ORIGINS must"),
    ({"SANDBOX_GATEWAY": "true", "SANDBOX_WEBHOOK_SECRET": secrets.token_urlsafe(48)}, "SANDBOX_GATEWAY lets"),
    ({"DATABASE_URL": "postgres://medivoy:password@db:5432/medivoy"}, "DATABASE_URL has a password"),
    ({"REDIS_URL": "redis://:redis@redis:6379/0"}, "REDIS_URL has a password"),
]


def start(**variables):
    """Start a process with exactly these variables; return its code and what it said."""
    surroundings = {name: os.environ[name] for name in ("PATH", "HOME", "VAR_DIR") if name in os.environ}
    surroundings |= {"DJANGO_SETTINGS_MODULE": "medivoy.settings", **variables}
    done = subprocess.run(
        [sys.executable, "-c", LOAD],
        env=surroundings,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_what_is_safe_starts_and_logs_for_machines():
    assert start(**SAFE) == (0, "started json\n")


def test_a_throw_away_platform_starts_and_logs_for_the_eye():
    plain = {"PUBLIC_URL": "http://192.0.2.7:8000", "ALLOWED_HOSTS": "*", "SECURE_COOKIES": "false"}
    plain |= {"MEDIVOY_EMBEDDED": "true", "SANDBOX_WEBHOOK_SECRET": secrets.token_urlsafe(48)}
    assert start(**SAFE | plain) == (0, "started line\n")


def test_this_machine_alone_may_be_served_by_plain_http():
    plain = {"PUBLIC_URL": "http://127.0.0.1:8000", "ALLOWED_HOSTS": "localhost,127.0.0.1", "SECURE_COOKIES": "false"}
    assert start(**SAFE | plain, MEDIVOY_LOCAL="true")[0] == 0
    assert start(**SAFE | plain)[0] != 0


def test_debug_makes_its_secrets_up():
    assert start(DEBUG="true") == (0, "started line\n")


@pytest.mark.parametrize(("change", "complaint"), UNSAFE, ids=lambda value: value if isinstance(value, str) else "")
def test_t8_t69_what_is_unsafe_does_not_start(change, complaint):
    code, said = start(**SAFE | change)
    assert code != 0
    assert f"ImproperlyConfigured: {complaint}" in said or f". {complaint}" in said
    assert "started" not in said


def test_no_refusal_prints_a_secret():
    """T60."""
    weak = f"change-me-{SECRET}"
    _code, said = start(**SAFE | {"TOKEN_KEY": weak, "DATABASE_URL": "postgres://medivoy:password@db:5432/x"})
    assert SECRET not in said
    assert SAFE["SECRET_KEY"] not in said


def test_everything_is_said_at_once():
    _code, said = start(DEBUG="false")
    for name in ("SECRET_KEY", "TOKEN_KEY", "FIELD_KEYS", "PUBLIC_URL"):
        assert name in said


def test_make_run_marks_its_processes(monkeypatch, tmp_path):
    for name in ("SECRET_KEY", "MEDIVOY_EMBEDDED", "MEDIVOY_LOCAL", "DATABASE_URL", "VAR_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "environ", os.environ.copy())
    environment.load_environment(tmp_path, create=True)
    assert os.environ["MEDIVOY_LOCAL"] == os.environ["MEDIVOY_EMBEDDED"] == "true"
