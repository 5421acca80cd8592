"""The servers of a test run: started where no address is given, one set a run, shared by pytest-xdist's workers.

The settings of the tests call `start_missing` before they read any address, because pytest-django loads them before
the first conftest. Workers inherit the addresses through their environment and start nothing.
"""

import atexit
import os
import shutil
from pathlib import Path

from medivoy.embedded.postgresql import PostgreSQL, runs_now
from medivoy.embedded.server import Server
from medivoy.embedded.servers import wanted
from medivoy.messages import compile_messages

BASE_DIR = Path(__file__).resolve().parent.parent
RUNS = BASE_DIR / "var" / "tests"


def worker() -> str:
    """The name of this pytest-xdist worker; "main" where there is but one process."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def start_missing() -> None:
    """Start the servers that the environment does not name, and stop them when this process ends."""
    if worker() != "main":
        return
    compile_messages(BASE_DIR / "locale")
    remove_leftovers()
    home = RUNS / str(os.getpid())
    services = wanted(home, os.environ, durable=False)
    if not services:
        return
    atexit.register(stop, services, home)
    for service in services:
        service.start()
        os.environ[service.variable] = service.url


def stop(services: list[Server], home: Path) -> None:
    for service in reversed(services):
        service.stop()
    discard(home)


def remove_leftovers() -> None:
    """Remove the data of runs that were killed; their servers ended with them."""
    for home in RUNS.glob("[0-9]*"):
        if not runs_now(int(home.name)):
            discard(home)


def discard(home: Path) -> None:
    PostgreSQL(home).discard()
    shutil.rmtree(home, ignore_errors=True)
