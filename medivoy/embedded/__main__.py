"""`python -m medivoy.embedded DIRECTORY` runs the local servers until it is told to stop, for a person's own use."""

import signal
import sys
import tempfile
import threading
from pathlib import Path

from medivoy.embedded.environment import write_private
from medivoy.embedded.server import ServerFailed
from medivoy.embedded.servers import wanted


def main(home: Path) -> None:
    """Run the servers, write their addresses to `home/env.sh`, and wait for SIGINT or SIGTERM."""
    stopped = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stopped.set())
    servers = wanted(home, {}, durable=False)
    try:
        for server in servers:
            server.start()
        lines = [f"export {server.variable}='{server.url}'\n" for server in servers]
        write_private(home / "env.sh", "".join(lines))
        print(f"ready: . {home / 'env.sh'}", flush=True)
        while not stopped.wait(1):
            gone = [server.name for server in servers if server.process and server.process.poll() is not None]
            if gone:
                raise ServerFailed(f"{', '.join(gone)} ended by itself; see {home}")
    finally:
        for server in reversed(servers):
            server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="medivoy-")).absolute())
