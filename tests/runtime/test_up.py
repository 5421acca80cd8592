"""`manage.py up` as a person meets it: two lives in one folder, the first ended by SIGKILL, the second by SIGTERM."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from medivoy.embedded import environment
from medivoy.embedded.postgresql import PostgreSQL
from medivoy.embedded.server import free_port

pytestmark = pytest.mark.xdist_group("up")

READY_SECONDS = 120.0
GONE_SECONDS = 20.0
# `up` is to choose these by itself, as on a machine where nothing is set.
OF_THE_TEST_RUN = {
    "DATABASE_URL", "REDIS_URL", "MONGODB_URL", "MEDIVOY_EMBEDDED", "DJANGO_SETTINGS_MODULE", "SECRET_KEY",
    "TOKEN_KEY", "FIELD_KEYS", "SANDBOX_WEBHOOK_SECRET", "PYTEST_XDIST_WORKER",
}  # fmt: skip


@dataclass
class Life:
    """What was seen from a start to its end."""

    seconds_to_ready: float = 0.0
    output: str = ""
    health: int = 0
    second_start: str = ""
    second_code: int = 0
    marks: list[str] = field(default_factory=list)
    exit_code: int = 0
    survivors: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("with space") / "var"
    yield folder
    PostgreSQL(folder).discard()


@pytest.fixture(scope="module")
def killed(folder):
    life, up, port = begin(folder)
    life.health = urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health").status
    second = subprocess.run(
        command(), check=False, env=surroundings(folder, free_port()), capture_output=True, text=True
    )
    life.second_start, life.second_code = second.stderr, second.returncode
    with connect(folder) as connection:
        connection.execute("CREATE TABLE mark (text text)")
        connection.execute("INSERT INTO mark VALUES ('first life')")
    up.kill()
    return end(life, up, folder)


@pytest.fixture(scope="module")
def terminated(folder, killed):
    # As in a script's background job, where a shell has SIGINT ignored.
    life, up, _ = begin(folder, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    with connect(folder) as connection:
        life.marks = [text for (text,) in connection.execute("SELECT text FROM mark")]
    up.send_signal(signal.SIGINT)
    return end(life, up, folder)


def command():
    return [sys.executable, settings.BASE_DIR / "manage.py", "up", "--no-demo"]


def surroundings(folder, port):
    kept = {name: value for name, value in os.environ.items() if name not in OF_THE_TEST_RUN}
    return {**kept, "VAR_DIR": str(folder), "PORT": str(port)}


def begin(folder, **options):
    port = free_port()
    began = time.monotonic()
    log = folder.parent / "up.log"
    with log.open("w") as output:
        up = subprocess.Popen(
            command(), env=surroundings(folder, port), stdout=output, stderr=subprocess.STDOUT, **options
        )
    while "is ready after" not in log.read_text():
        if up.poll() is not None or time.monotonic() - began > READY_SECONDS:
            up.terminate()
            pytest.fail(f"up did not get ready:\n{log.read_text()[-3000:]}")
        time.sleep(0.1)
    return Life(seconds_to_ready=time.monotonic() - began), up, port


def end(life, up, folder):
    deadline = time.monotonic() + GONE_SECONDS
    life.exit_code = up.wait(GONE_SECONDS)
    while (left := processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    life.survivors = left
    life.output = (folder.parent / "up.log").read_text()
    return life


def connect(folder):
    return psycopg.connect(environment.read_variables(folder / environment.RUNNING)["DATABASE_URL"], autocommit=True)


def processes_of(folder):
    """The commands of all processes that were started for `folder`; PostgreSQL's know only their own data."""
    signs = [os.fsencode(folder), os.fsencode((folder / "postgres").resolve())]
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            text = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if int(process.name) != os.getpid() and any(sign in text for sign in signs):
            found.append(text.split(b"\0\0")[0][:200].decode(errors="replace"))
    return found


def test_it_answers(killed):
    assert killed.health == 200


def test_a_second_start_in_the_same_folder_is_refused(killed):
    assert killed.second_code != 0
    assert "already runs in this folder" in killed.second_start
    assert "Traceback" not in killed.second_start


def test_nothing_outlives_a_killed_parent(killed):
    assert killed.survivors == []


def test_the_next_start_finds_the_data_again_and_soon(terminated):
    assert terminated.marks == ["first life"]
    # 15 on two cores that do nothing else; here they run other tests.
    assert terminated.seconds_to_ready < 60


def test_ctrl_c_stops_everything_cleanly_even_where_it_was_ignored(terminated, folder):
    assert terminated.exit_code == 0
    assert terminated.survivors == []
    assert "everything has stopped" in terminated.output
    assert not (folder / environment.RUNNING).exists()


def test_secrets_are_made_once_and_for_their_owner_only(terminated, folder):
    assert (folder / environment.SECRETS).stat().st_mode & 0o777 == 0o600
    assert environment.own_secrets(folder) == environment.own_secrets(folder)
