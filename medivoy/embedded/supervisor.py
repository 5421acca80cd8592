"""Keeps a few processes running side by side, shows what they say, and stops them all together."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from medivoy.embedded import children

TICK_SECONDS = 0.2
PATIENCE_SECONDS = 10.0
RESTART_SECONDS = 1.0
# A program that ends this soon, this often in a row, will not get better by another try.
SHORT_LIFE_SECONDS = 10.0
SHORT_LIVES = 3


class Stopped(Exception):
    """A signal asked for the end."""


class ProgramFailed(Exception):
    """A step or a program ended that should not have; the message is meant for the person at the terminal."""


class Program:
    """One process, and how to start it again."""

    def __init__(
        self,
        name: str,
        launch: Callable[[], subprocess.Popen[bytes]],
        *,
        running: subprocess.Popen[bytes] | None = None,
        stop_signal: int = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.stop_signal = stop_signal
        self.process = running or launch()
        self._launch = launch
        self._started_at = time.monotonic()
        self._ended_at: float | None = None
        self._short_lives = 0

    def check(self) -> str | None:
        """Return what happened, for a person to read, or None when nothing did. Starts the process again."""
        now = time.monotonic()
        if self.process.poll() is None:
            return None
        if self._ended_at is None:
            self._ended_at = now
            self._short_lives = self._short_lives + 1 if now - self._started_at < SHORT_LIFE_SECONDS else 0
            if self._short_lives >= SHORT_LIVES:
                raise ProgramFailed(f"{self.name} ended {SHORT_LIVES} times in a row (code {self.process.returncode})")
            return f"ended by itself (code {self.process.returncode}); starting it again"
        if now - self._ended_at > RESTART_SECONDS:
            children.stop(self.process)  # whatever it left behind
            self.process = self._launch()
            self._started_at, self._ended_at = now, None
        return None


class Supervisor:
    """Runs steps one after the other, then programs side by side, until SIGINT, SIGTERM or SIGHUP."""

    def __init__(self, say: Callable[[str, str], None], folder: Path) -> None:
        self._say = say
        self._folder = folder
        self._selector = selectors.DefaultSelector()
        self._rest: dict[int, bytes] = {}
        self.programs: list[Program] = []
        self.signal: int | None = None

    def listen(self) -> None:
        """Take the signals, also where they were inherited as ignored; a SIGHUP under nohup stays ignored."""
        signal.signal(signal.SIGINT, self._remember)
        signal.signal(signal.SIGTERM, self._remember)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._remember)

    def step(self, name: str, argv: Sequence[str | Path], env: Mapping[str, str]) -> None:
        """Run `argv` to its end. Raises ProgramFailed when it fails, Stopped when a signal came first."""
        process = self._spawn(name, argv, env)
        try:
            while process.poll() is None:
                self.relay()
                self.heed()
        finally:
            code = children.stop(process)
            self.relay()
        if code != 0:
            raise ProgramFailed(f"{name} failed (code {code}); its last lines above tell why")

    def run(self, name: str, argv: Sequence[str | Path], env: Mapping[str, str]) -> None:
        """Start `argv` and keep it running."""
        self.adopt(Program(name, lambda: self._spawn(name, argv, env)))

    def adopt(self, program: Program) -> None:
        self.programs.append(program)

    def watch(self) -> None:
        """One look around: relay output, start again what ended. Raises Stopped or ProgramFailed."""
        self.relay()
        self.heed()
        for program in self.programs:
            news = program.check()
            if news:
                self._say(program.name, news)

    def heed(self) -> None:
        """Raise Stopped when a signal has come."""
        if self.signal is not None:
            raise Stopped(signal.Signals(self.signal).name)

    def stop(self) -> None:
        """Stop the programs, the one adopted last first, and show what they still say."""
        while self.programs:
            program = self.programs.pop()
            if program.process.poll() is None:
                program.process.send_signal(program.stop_signal)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while program.process.poll() is None and time.monotonic() < deadline:
                self.relay()
            children.stop(program.process, stop_signal=program.stop_signal, patience=0)
        self.relay()

    def relay(self) -> None:
        """Show what the processes wrote, line by line; waits a moment where they are silent."""
        for key, _ in self._selector.select(TICK_SECONDS):
            chunk = os.read(key.fd, 65536)
            *lines, rest = (self._rest.pop(key.fd, b"") + chunk).split(b"\n")
            if not chunk:
                self._selector.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]
                lines = [rest] if rest else []
            elif rest:
                self._rest[key.fd] = rest
            for line in lines:
                self._say(str(key.data), line.decode(errors="replace").rstrip())

    def _spawn(self, name: str, argv: Sequence[str | Path], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        process = children.spawn(argv, env=env, cwd=self._folder, output=subprocess.PIPE)
        self._selector.register(process.stdout, selectors.EVENT_READ, name)  # type: ignore[arg-type]
        return process

    def _remember(self, sign: int, frame: FrameType | None) -> None:
        self.signal = self.signal or sign
