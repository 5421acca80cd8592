"""What `manage.py up` knows of this machine: its secrets, and while it runs the addresses of its servers.

Both are files under var/ that only their owner may read, so that any other command of manage.py finds the running
platform. Nothing here touches a process whose environment is set: a production server never reads these files.
"""

import base64
import fcntl
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import environ

SECRETS = "secrets.env"
RUNNING = "running.env"
LOCK = "up.lock"
# What the settings are spared then: medivoy/refusals.py.
ON_THIS_MACHINE = {"MEDIVOY_LOCAL": "true"}


class AlreadyRunning(Exception):
    """Another `up` works on the same folder; the message is meant for the person at the terminal."""


class Lock:
    """Held by the one `up` of a folder for as long as it lives; the system lets go of it even after SIGKILL."""

    def __init__(self, var: Path) -> None:
        self._path = var / LOCK

    def __enter__(self) -> None:
        """Take the lock or raise AlreadyRunning, naming the process that holds it."""
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            holder = self._path.read_text()
            raise AlreadyRunning(
                f"The platform already runs in this folder (process {holder}). To stop it: kill {holder}"
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, str(os.getpid()).encode())

    def __exit__(self, *error: object) -> None:
        os.close(self._descriptor)


def load_environment(base: Path, *, create: bool) -> None:
    """Fill what the environment and .env leave open: secrets, and the addresses of a running `up`.

    With `create` the secrets are made where there are none; without it they are used only where SECRET_KEY is unset.
    """
    if (base / ".env").exists():
        environ.Env.read_env(base / ".env")
    var = Path(os.environ.get("VAR_DIR", base / "var"))
    if create:
        var.mkdir(parents=True, exist_ok=True)
        embedded = {} if "DATABASE_URL" in os.environ else {"MEDIVOY_EMBEDDED": "true"}
        _fill(own_secrets(var) | ON_THIS_MACHINE | embedded)
    elif "SECRET_KEY" not in os.environ and (var / SECRETS).exists():
        _fill(own_secrets(var) | ON_THIS_MACHINE)
        if "DATABASE_URL" not in os.environ and is_running(var):
            _fill(read_variables(var / RUNNING))


def own_secrets(var: Path) -> dict[str, str]:
    """The secrets of this folder, made at the first call."""
    path = var / SECRETS
    if not path.exists():
        values = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "TOKEN_KEY", "SANDBOX_WEBHOOK_SECRET")}
        values["FIELD_KEYS"] = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        write_variables(path, values)
    return read_variables(path)


def is_running(var: Path) -> bool:
    """Whether an `up` works on this folder now."""
    if not (var / RUNNING).exists():
        return False
    try:
        with Lock(var):
            return False
    except AlreadyRunning:
        return True


def write_variables(path: Path, values: Mapping[str, str]) -> None:
    write_private(path, "".join(f"{name}={value}\n" for name, value in values.items()))


def read_variables(path: Path) -> dict[str, str]:
    lines = (line.partition("=") for line in path.read_text().splitlines())
    return {name: value for name, separator, value in lines if separator}


def write_private(path: Path, text: str) -> None:
    """Write `text` into a file that its owner alone may read, whatever the umask."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def _fill(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        os.environ.setdefault(name, value)
