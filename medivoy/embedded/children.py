"""Child processes that stop when told to, and that never outlive the process that started them."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def follow_parent(sign: int = signal.SIGTERM) -> None:
    """Ask the kernel to send this process `sign` when its parent ends, however it ends. Linux only."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)


def spawn(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    output: IO[bytes] | int | None = None,
    given: bytes | None = None,
    stop_signal: int = signal.SIGTERM,
    user: int | None = None,
    group: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start `argv` as the leader of a session of its own.

    Standard output and standard error both go to `output`; `given` is written to its standard input.
    A terminal's Ctrl-C does not reach the child, its parent decides what stops when; when the parent is killed,
    the kernel sends the child `stop_signal`.
    """
    process = subprocess.Popen(
        [str(word) for word in argv],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
        user=user,
        group=group,
        extra_groups=None if user is None else [],
        preexec_fn=_bound_to(os.getpid(), stop_signal),  # noqa: PLW1509 - its callers have one thread
    )
    if given is not None and process.stdin is not None:
        with process.stdin as pipe:
            pipe.write(given)
    return process


def stop(process: subprocess.Popen[bytes], *, stop_signal: int = signal.SIGTERM, patience: float = 10) -> int:
    """Stop a child and whatever it left behind in its session; waits `patience` seconds before it kills."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # nobody left in the session: the usual case
    return process.wait()


def _bound_to(parent: int, stop_signal: int) -> Callable[[], None]:
    def prepare() -> None:
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, signal.SIG_DFL)  # they may be inherited as ignored, from a shell's `&` or nohup
        follow_parent(stop_signal)
        if os.getppid() != parent:  # it ended between fork and prctl
            os._exit(1)

    return prepare
