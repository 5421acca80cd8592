"""A server that speaks MongoDB's protocol, from a wheel; MongoDB itself is in none."""

import subprocess
import sys
from pathlib import Path
from typing import IO

from medivoy.embedded import children
from medivoy.embedded.server import LOOPBACK, Server


class MongoDB(Server):
    """A server of MongoDB's protocol over SQLite files, one a database."""

    name = "mongodb"
    variable = "MONGODB_URL"

    @property
    def url(self) -> str:
        return f"mongodb://{LOOPBACK}:{self.port}/?directConnection=true"

    def launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        data = self.home / "mongodb"
        data.mkdir(exist_ok=True)
        argv: list[str | Path] = [sys.executable, "-m", "nx_27017.nx_27017", "--data-dir", data]
        argv += ["--host", LOOPBACK, "-p", str(self.port)]
        # Both default to fixed names in the system's temporary folder, which a second server could not use.
        argv += ["--pid-file", self.home / "mongodb.pid", "--log-file", self.log]
        return children.spawn(argv, cwd=self.home, output=log)
